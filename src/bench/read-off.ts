import { Fault } from '../base/fault.ts'
import type { Clock } from '../base/time.ts'
import type { Power, PowerState } from '../controls/power.ts'
import type { BoardSpec } from '../model/bench-file.ts'
import type { BootLimits } from '../model/board-type.ts'
import type { Board } from './load.ts'

const POLL_MS = 250

/** Whose limits those are. */
type Limited = Pick<Board, 'name' | 'type'> & { readonly spec: Pick<BoardSpec, 'limitsMs'> }

/** How long a board may take for what: its type's limits, and its own where it has some. */
export function limitsOf({ type, spec }: Omit<Limited, 'name'>): BootLimits {
  return Object.assign({}, type.boot.limitsMs, spec.limitsMs)
}

/** Reads the power until it is no longer on: equipment may lag behind what it was told. Errors: `infrastructure/power` where it stays on. */
export async function readOff(power: Power, board: Limited, clock: Clock, signal: AbortSignal): Promise<PowerState> {
  const until = clock.ticksMs() + limitsOf(board).off
  for (;;) {
    const state = await power.state(signal)
    if (state !== 'on') return state
    if (clock.ticksMs() >= until)
      throw new Fault('infrastructure/power', { expected: `${board.name} to be off`, seen: 'its power reads on' })
    await clock.sleep(POLL_MS, signal)
  }
}
