import { asFault } from '../base/fault.ts'
import { abortable, type Clock } from '../base/time.ts'
import type { LiveBoardOptions } from './live-board-options.ts'
import type { LiveBoard } from './live-board.ts'

const PARK_LIMIT_MS = 20_000

/** Switches a board off for good, and gives back whether it is. One that stays on is told, after a second try. Never throws. */
export async function parkBoard(
  board: Pick<LiveBoard, 'powerOff' | 'limitsMs'>,
  { listener, clock }: Pick<LiveBoardOptions, 'listener' | 'clock'>,
): Promise<boolean> {
  const off = (): Promise<unknown> => board.powerOff(clock.timeout(PARK_LIMIT_MS + board.limitsMs.off))
  try {
    await off().catch(off)
    return true
  } catch (error) {
    listener.fault(asFault(error, 'infrastructure/power'))
    return false
  }
}

/** For removing what is left on a host that answers; a board that is past that must not keep its power for it. */
const FAREWELL_LIMIT_MS = 2000

/** Closes shells in guests, as far as they let it. Never throws. */
export async function sayFarewell(guests: AsyncDisposable, clock: Clock): Promise<void> {
  await abortable(Promise.resolve(guests[Symbol.asyncDispose]()), clock.timeout(FAREWELL_LIMIT_MS)).catch(
    () => undefined,
  )
}
