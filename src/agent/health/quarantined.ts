import { Fault } from '../../base/fault.ts'
import type { Board } from '../../bench/load.ts'
import { readHealth } from './health-file.ts'

/** Errors: `infrastructure/board-quarantined`. */
export function mustBeSound({ name, stateDir }: Board): void {
  const { quarantine } = readHealth(stateDir)
  if (quarantine) throw quarantinedFault(name, quarantine.reason)
}

/** What whoever asks for a board is told that nobody gets. */
export function quarantinedFault(board: string, reason: string): Fault {
  return new Fault('infrastructure/board-quarantined', {
    expected: `${board} to be fit for tests`,
    seen: `it is quarantined: ${reason}`,
    next: `hil health ${board} checks it, and gives it back when it is sound; hil unquarantine ${board} does so unseen`,
  })
}
