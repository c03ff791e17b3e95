import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BenchOptions, Part } from '../lib/bench.ts'
import { measured, type Row } from '../lib/row.ts'
import { makeOften, type Made } from './child.ts'
import { writeEvidence, writeRunLog } from './samples.ts'

const PIECES = 100_000
const NAME = '100 000 pieces of evidence and tests → page, JUnit, HTML'
const AT_MOST_S = 2
const AT_MOST_BYTES = 300e6

/** The status page of 100 000 pieces of evidence, and JUnit and HTML of a run of 100 000 tests, by one process. */
export const reports: Part = {
  name: 'reports',
  async measure({ runs, say }: BenchOptions): Promise<Row[]> {
    const folder = mkdtempSync(join(tmpdir(), 'hb-'))
    try {
      const sources = { evidence: join(folder, 'evidence.jsonl'), log: join(folder, 'run.jsonl'), folder }
      writeEvidence(sources.evidence, PIECES)
      writeRunLog(sources.log, PIECES)
      const made = makeOften('reports', sources, runs, say)
      check(folder)
      const floor = makeOften('floor', sources, runs, say)
      return [
        measured({
          name: NAME,
          unit: 's',
          values: made.map(({ wholeMs }) => wholeMs / 1000),
          against: { name: 'JSON.parse of every line', values: floor.map(({ wholeMs }) => wholeMs / 1000) },
          target: { atMost: AT_MOST_S },
        }),
        measured({
          name: `${NAME}, peak memory`,
          unit: 'MiB',
          values: made.map(({ peakBytes }) => peakBytes / 2 ** 20),
          target: { atMost: AT_MOST_BYTES / 2 ** 20 },
        }),
        ...stepRows(made),
      ]
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
}

/** Where the time went, step by step. */
export function stepRows(made: readonly Made[], prefix = 'of that: '): Row[] {
  return Object.keys(made[0]?.stepsMs ?? {}).map(step =>
    measured({ name: `${prefix}${step}`, unit: 's', values: made.map(({ stepsMs }) => stepsMs[step]! / 1000) }),
  )
}

/** A report that left something out would be a fast one. */
function check(folder: string): void {
  const page = readFileSync(join(folder, 'status.md'), 'utf8')
  if (!page.includes(`from ${PIECES} lines of evidence`)) throw new Error('the page is not of all evidence')
  const junit = readFileSync(join(folder, 'junit.xml'), 'utf8')
  if ((junit.match(/<testcase name="check /g) ?? []).length !== PIECES) throw new Error('JUnit lacks tests')
  const html = readFileSync(join(folder, 'report.html'), 'utf8')
  if (!html.includes('imx8mp-39') || !html.trimEnd().endsWith('</html>')) throw new Error('the HTML is not whole')
}
