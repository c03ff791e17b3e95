import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Evidence } from '../../model/cell.ts'
import type { RunEvent } from '../../model/event.ts'
import { evidenceOf, mergeEvidence } from '../../model/evidence.ts'
import type { Feature } from '../../model/feature.ts'
import { fold, parseEvents } from '../../model/fold.ts'
import { runFacts, type RunFacts } from '../../model/run-facts.ts'

/** What the logs of some lines' runs say beside the evidence. */
export interface Logs {
  readonly runs: readonly RunFacts[]
  /** Findings that would become evidence, and that nobody took into it. */
  readonly untold: readonly Evidence[]
}

/**
 * Reads the logs of the runs that are still there, as far as they are about images of some lines.
 *
 * Shape: `<folder>/<run>/run.jsonl`, in the order of their names. Limits: one log is in memory at a time; a folder that
 * is not there has no logs. Errors: `configuration/run-log` with file:line.
 */
export function readLogs(
  folder: string,
  lines: readonly string[],
  evidence: readonly Evidence[],
  features: readonly Feature[],
): Logs {
  const runs: RunFacts[] = []
  const found: Evidence[] = []
  for (const events of logsAbout(folder, lines)) {
    runs.push(runFacts(events))
    found.push(...evidenceOf(fold(events, features)).filter(({ line }) => lines.includes(line ?? '')))
  }
  const told = new Set(evidence.map(keyOf))
  const fresh = found.filter(finding => !told.has(keyOf(finding)))
  // Not all that was ever found is kept: an old image tested again, say, is no news.
  const kept = new Set(mergeEvidence(evidence, fresh))
  return { runs, untold: fresh.filter(finding => kept.has(finding)) }
}

function* logsAbout(folder: string, lines: readonly string[]): Generator<RunEvent[]> {
  const quoted = lines.map(line => `"line":${JSON.stringify(line)}`)
  for (const path of logPaths(folder)) {
    const text = readFileSync(path, 'utf8')
    // Most runs are of other lines: to search is much cheaper than to parse.
    if (quoted.some(word => text.includes(word))) yield parseEvents(text, path)
  }
}

function logPaths(folder: string): string[] {
  if (!existsSync(folder)) return []
  const runs = readdirSync(folder, { withFileTypes: true }).filter(entry => entry.isDirectory())
  const paths = runs.map(({ name }) => join(folder, name, 'run.jsonl')).sort()
  return paths.filter(path => existsSync(path))
}

function keyOf({ run, board, feature }: Evidence): string {
  return [run, board, feature].join('\n')
}
