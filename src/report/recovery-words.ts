import { humanDuration } from '../base/text.ts'
import type { MatrixBoard } from '../model/cell.ts'
import type { RecoveryStep } from '../model/event.ts'

/** A rung of the way back to trust in one line: what is done and why, or what it cost and whether it helped. */
export function recoveryWords({ rung, state, why, durationMs = 0, fault }: RecoveryStep): string {
  if (rung === 'quarantine') return `quarantined: ${why}`
  if (state === 'begin') return `${rung}, since ${why}`
  const took = `${rung} took ${humanDuration(durationMs)}`
  return fault ? `${took} and did not help: ${fault.code}: ${fault.seen}` : `${took}, the board is trusted again`
}

/** The same of one that is over, as a matrix has it. */
export function toldRecovery({
  rung,
  why,
  durationMs,
  helped,
}: NonNullable<MatrixBoard['recoveries']>[number]): string {
  if (rung === 'quarantine') return `quarantined: ${why}`
  return `${rung} took ${humanDuration(durationMs)} and ${helped ? 'brought it back' : 'did not help'}: ${why}`
}
