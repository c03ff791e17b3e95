import { readableLines } from '../base/text.ts'
import type { Cell, Evidence, RunMatrix } from './cell.ts'
import type { TestResult } from './event.ts'
import { LATEST_RUNS, historyOf } from './history.ts'
import { byTime, compareText, newsOf } from './line-order.ts'

export { formatEvidence, parseEvidence } from './evidence-lines.ts'

/** How many of the latest lines are kept of one feature on one board type, of images of no proven line. */
const KEPT_UNPROVEN = 5

/**
 * What a run proved for good: its conclusive cells (pass, fail) whose image is known by digest. Without provenance that
 * proves its image's line it moves no hardware status.
 */
export function evidenceOf(matrix: RunMatrix): Evidence[] {
  return matrix.cells.flatMap(cell => {
    const { feature, type, board, twin, verdict, imageSha256, commit, variant, line, position } = cell
    const { reruns, untested, absent } = cell
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
      ...(position !== undefined && { position }),
      ...(reruns && { reruns }),
      ...(untested && verdict === 'pass' && { untested }),
      ...(absent && { absent }),
      ...(slice && { slice }),
      ...(why && { why }),
    }
  })
}

/**
 * Old and new evidence as one, small enough to be committed.
 *
 * Unique by (run, board, feature): the new line wins. Sorted by feature and board type, then time, so that a run changes
 * neighbouring lines only. Limits: of each feature, board type and line the latest 20 that were news are kept, and what an
 * older one still decides: what passed before must not be forgotten because it has failed ever since. No line is kept of an
 * old image tested again. Of images of no line, which decide nothing, the latest five and the latest of each verdict are kept.
 */
export function mergeEvidence(old: readonly Evidence[], added: readonly Evidence[]): Evidence[] {
  const unique = new Map([...old, ...added].map(line => [[line.run, line.board, line.feature].join('\n'), line]))
  const sorted = [...unique.values()].sort(
    (a, b) =>
      compareText(a.feature, b.feature) ||
      compareText(a.type, b.type) ||
      compareText(String(a.twin), String(b.twin)) ||
      compareText(a.line ?? '', b.line ?? '') ||
      byTime(a, b),
  )
  const groups = Object.groupBy(sorted, line => [line.feature, line.type, line.twin, line.line].join('\n'))
  return Object.values(groups).flatMap((group = []) => {
    const keep = new Set(group[0]?.line == null ? lastOf(group) : decisive(group))
    return group.filter(line => keep.has(line))
  })
}

function lastOf(group: readonly Evidence[]): (Evidence | undefined)[] {
  const latestOf = (verdict: Evidence['verdict']): Evidence | undefined => group.findLast(l => l.verdict === verdict)
  return [...group.slice(-KEPT_UNPROVEN), latestOf('pass'), latestOf('fail')]
}

/** What the status is made of, whatever the feature is declared to be. */
function decisive(group: readonly Evidence[]): (Evidence | undefined)[] {
  const standing = [true, false].flatMap(isPromised => {
    const { standing, passedBefore, hopeful, lastPass } = historyOf(group, isPromised)
    return [standing, passedBefore, hopeful, lastPass]
  })
  return [...newsOf(group).slice(-LATEST_RUNS), ...standing]
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
