import { readableLines } from '../base/text.ts'
import type { Cell, Evidence, RunMatrix } from './cell.ts'
import type { TestResult } from './event.ts'

export { formatEvidence, parseEvidence } from './evidence-lines.ts'

/** How many of the latest lines are kept of one feature on one board type. */
const KEPT = 5

/**
 * What a run proved for good: its conclusive cells (pass, fail) whose image is known by digest. Without provenance that
 * proves its image's line it moves no hardware status.
 */
export function evidenceOf(matrix: RunMatrix): Evidence[] {
  return matrix.cells.flatMap(cell => {
    const { feature, type, board, twin, verdict, imageSha256, commit, variant, line } = cell
    if ((verdict !== 'pass' && verdict !== 'fail') || !imageSha256) return []
    const slice = (cell.tests.find(test => test.verdict === verdict && test.slice) ?? cell.tests[0])?.slice
    const why = verdict === 'fail' ? whyOf(cell) : undefined
    return {
      feature,
      type,
      board,
      twin,
      verdict,
      at: matrix.endedAt ?? matrix.startedAt,
      run: matrix.run,
      imageSha256,
      commit,
      line,
      variant: variant ?? 'debug',
      ...(slice && { slice }),
      ...(why && { why }),
    }
  })
}

/**
 * Old and new evidence as one, small enough to be committed.
 *
 * Unique by (run, board, feature): the new line wins. Sorted by feature and board type, then time, so that a run changes
 * neighbouring lines only. Limits: the latest five of each feature, board type and line are kept, and beyond them the
 * latest pass and the latest fail: what passed before must not be forgotten because it has failed ever since.
 */
export function mergeEvidence(old: readonly Evidence[], added: readonly Evidence[], kept = KEPT): Evidence[] {
  const unique = new Map([...old, ...added].map(line => [[line.run, line.board, line.feature].join('\n'), line]))
  const sorted = [...unique.values()].sort(
    (a, b) =>
      compare(a.feature, b.feature) ||
      compare(a.type, b.type) ||
      compare(String(a.twin), String(b.twin)) ||
      compare(a.line ?? '', b.line ?? '') ||
      byTime(a, b),
  )
  const groups = Object.groupBy(sorted, line => [line.feature, line.type, line.twin, line.line].join('\n'))
  return Object.values(groups).flatMap((group = []) => {
    const latestOf = (verdict: Evidence['verdict']): Evidence | undefined => group.findLast(l => l.verdict === verdict)
    const keep = new Set([...group.slice(-kept), latestOf('pass'), latestOf('fail')])
    return group.filter(line => keep.has(line))
  })
}

/** Older evidence first; what was found at the same time is ordered by run and board, so that no order is left to chance. */
export function byTime(a: Evidence, b: Evidence): number {
  return timeOrder(a.at, b.at) || compare(a.run, b.run) || compare(a.board, b.board)
}

/** As `Date.prototype.toISOString` writes times, their texts are in the order of the times. */
const ISO_CHARS = '2026-09-01T08:00:00.000Z'.length

function timeOrder(a: string, b: string): number {
  const alike = a.length === ISO_CHARS && b.length === ISO_CHARS && a.endsWith('Z') && b.endsWith('Z')
  return alike ? compare(a, b) : Date.parse(a) - Date.parse(b)
}

/** By code unit, not by locale: the same file on every machine. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

const MAX_WHY_CHARS = 200

function whyOf(cell: Cell): string | undefined {
  const failed: TestResult | undefined = cell.tests.find(test => test.verdict === 'fail')
  const said = cell.fault ? `${cell.fault.code}: ${cell.fault.seen}` : cell.reason
  const where = failed && `${failed.title}: `
  const text = readableLines(`${where ?? ''}${said ?? ''}`)
    .map(line => line.trim())
    .filter(Boolean)
    .join(' · ')
  return text.length > MAX_WHY_CHARS ? `${text.slice(0, MAX_WHY_CHARS - 1).toWellFormed()}…` : text || undefined
}
