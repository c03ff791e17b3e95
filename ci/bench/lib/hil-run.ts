import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RunEvent } from '../../../src/model/event.ts'
import { ROOT, type Lab } from './lab.ts'

/** One whole `hil run` as a process, with its times in ms since the epoch. */
export interface HilRun {
  readonly startedMs: number
  readonly endedMs: number
  readonly folder: string
  readonly events: readonly RunEvent[]
}

/** Runs `hil run` on a lab. Throws when it does not pass: a figure of a failed run means nothing. */
export async function hilRun(lab: Lab, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<HilRun> {
  const before = runsIn(lab)
  const startedMs = Date.now()
  const words = ['run', '--bench', lab.benchFile, '--report-dir', lab.reportDir, ...args]
  const child = spawn(join(ROOT, 'src/cli/hil'), words, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  child.stdout.on('data', chunk => (said += String(chunk)))
  child.stderr.on('data', chunk => (said += String(chunk)))
  // `exit`, not `close`: what it started may keep the pipes open a little longer.
  const { promise, resolve, reject } = Promise.withResolvers<number | null>()
  child.once('error', reject)
  child.once('exit', resolve)
  const exitCode = await promise
  const endedMs = Date.now()
  if (exitCode !== 0) throw new Error(`hil ${words.join(' ')} ended with ${exitCode}\n${said.slice(-3000)}`)
  const made = runsIn(lab).find(run => !before.includes(run))!
  const folder = join(lab.reportDir, made)
  const lines = readFileSync(join(folder, 'run.jsonl'), 'utf8').trimEnd().split('\n')
  return { startedMs, endedMs, folder, events: lines.map(line => JSON.parse(line) as RunEvent) }
}

/** When a stage of a board began or ended, in ms since the epoch. */
export function stageAt(run: HilRun, board: string, stage: string, state: 'begin' | 'end'): number {
  const found = run.events.find(
    event => event.type === 'stage' && event.board === board && event.stage === stage && event.state === state,
  )
  if (!found) throw new Error(`${run.folder}: no ${state} of stage ${stage} on ${board}`)
  return Date.parse(found.at)
}

/** When the console had said something, in ms since the epoch: the arrival of the chunk that ends the first match. */
export function consoleSaidAt(run: HilRun, board: string, pattern: RegExp): number {
  const path = join(run.folder, board, 'console.log')
  const found = pattern.exec(readFileSync(path, 'latin1'))
  if (!found) throw new Error(`${path}: nothing like ${pattern}`)
  const last = found.index + found[0].length - 1
  const lines = readFileSync(`${path}.idx`, 'utf8').trimEnd().split('\n')
  const [first, ...entries] = lines.map(line => JSON.parse(line) as unknown)
  const begin = (first as { offset: number }).offset
  return entries.filter(isArrival).findLast(([offset]) => offset - begin <= last)![1]
}

function isArrival(entry: unknown): entry is [number, number] {
  return Array.isArray(entry)
}

function runsIn(lab: Lab): string[] {
  try {
    return readdirSync(lab.reportDir)
  } catch {
    return []
  }
}
