import type { Evidence } from '../../model/cell.ts'
import { isSuspect } from '../../model/confidence.ts'
import { newsOf } from '../../model/line-order.ts'

/** Where a verdict began: between which two pieces of evidence the product changed. */
export interface Turn {
  /** The last evidence of the other verdict. */
  readonly last: Evidence
  /** The first of the verdict that stands now. */
  readonly first: Evidence
}

/** When `now` began to hold, in lines that follow one another; undefined when nothing ever said otherwise. */
export function turnTo(now: Evidence, evidence: readonly Evidence[], lines: readonly string[]): Turn | undefined {
  const own = evidence.filter(e => e.feature === now.feature && e.type === now.type && e.twin === now.twin)
  const known = lines.flatMap(name => newsOf(own.filter(({ line }) => line === name))).filter(e => !isSuspect(e))
  const until = known.slice(0, known.findLastIndex(({ run, board }) => run === now.run && board === now.board) + 1)
  const at = until.findLastIndex(e => e.verdict !== now.verdict)
  const last = until[at]
  return last && { last, first: until[at + 1] ?? now }
}
