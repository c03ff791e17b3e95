import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BenchOptions, Part } from '../lib/bench.ts'
import { measured, type Row } from '../lib/row.ts'
import { makeOften, type Made, type Sources, type What } from './child.ts'
import { stepRows } from './reports.ts'
import { writeEvidence, writeRunLog } from './samples.ts'

const MILLION = 1_000_000
const AT_MOST_S = 15

/** The matrix of a run of a million tests, and the statuses of all rows from a million pieces of evidence. */
export const matrices: Part = {
  name: 'matrix',
  async measure({ runs, say }: BenchOptions): Promise<Row[]> {
    const folder = mkdtempSync(join(tmpdir(), 'hb-'))
    try {
      const sources = { evidence: join(folder, 'evidence.jsonl'), log: join(folder, 'run.jsonl'), folder }
      say('writing 660 MB of evidence and log')
      writeEvidence(sources.evidence, MILLION)
      writeRunLog(sources.log, MILLION)
      return [
        ...rowsOf('one million tests → matrix of the run', 'run', sources, { runs, say }, () => {
          const text = readFileSync(join(folder, 'matrix.txt'), 'utf8')
          if (!text.includes('40 boards')) throw new Error('the matrix is not of all boards')
        }),
        ...rowsOf('one million pieces of evidence → status of every row', 'statuses', sources, { runs, say }, () => {
          const rows = JSON.parse(readFileSync(join(folder, 'statuses.json'), 'utf8')) as { perType: object[] }[]
          if (!rows.some(({ perType }) => perType.length > 0)) throw new Error('no row has a status')
        }),
      ]
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
}

function rowsOf(name: string, what: What, sources: Sources, { runs, say }: BenchOptions, check: () => void): Row[] {
  const made: Made[] = makeOften(what, sources, runs, say)
  check()
  return [
    measured({ name, unit: 's', values: made.map(({ wholeMs }) => wholeMs / 1000), target: { atMost: AT_MOST_S } }),
    measured({ name: `${name}, peak memory`, unit: 'MiB', values: made.map(({ peakBytes }) => peakBytes / 2 ** 20) }),
    ...stepRows(made),
  ]
}
