import { silentLog } from '../../../src/base/log.ts'
import { systemClock } from '../../../src/base/time.ts'
import type { Board } from '../../../src/bench/load.ts'
import type { Power } from '../../../src/controls/power.ts'

/** A board's supply, opened by its driver: what a floor boots with, so that both boot the same machine. */
export async function rawPower(board: Board): Promise<Power> {
  const wired = board.wired.power!
  return wired.driver.open(wired.options, {
    board: board.name,
    type: board.type,
    stateDir: board.stateDir,
    clock: systemClock,
    log: silentLog,
  })
}

/** For calls that need a signal and will not be stopped. */
export function never(): AbortSignal {
  return new AbortController().signal
}
