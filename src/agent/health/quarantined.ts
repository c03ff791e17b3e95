import { Fault } from '../../base/fault.ts'

/** What whoever asks for a board is told that nobody gets. */
export function quarantinedFault(board: string, reason: string): Fault {
  return new Fault('infrastructure/board-quarantined', {
    expected: `${board} to be fit for tests`,
    seen: `it is quarantined: ${reason}`,
    next: `hil health ${board} checks it, and gives it back when it is sound; hil unquarantine ${board} does so unseen`,
  })
}
