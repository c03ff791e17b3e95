import { asFault } from '../../base/fault.ts'
import { silentLog } from '../../base/log.ts'
import { harmlessLines } from '../../base/text.ts'
import { systemClock, type Clock } from '../../base/time.ts'
import { BoardLock, thisProcess, type LockSpace } from '../../bench/lock.ts'
import { openControl } from '../../bench/open-control.ts'
import { limitsOf, readOff } from '../../bench/read-off.ts'
import { keepClosed } from '../numbers-file.ts'
import { boardFor, type ParkBoard, type ParkOrder } from './park-order.ts'

const PARK_LIMIT_MS = 20_000
const LOCK_LIMIT_MS = 10_000

/** The host's own, unless a simulation brings others. */
interface ParkMeans {
  readonly clock?: Clock
  readonly locks?: LockSpace
}

/**
 * Switches boards off whose holder was killed, those that nobody has taken meanwhile. Never throws: what could not be switched
 * off is said.
 */
export async function parkAll(orders: readonly ParkOrder[], say: (text: string) => void): Promise<void> {
  const park = async (order: ParkOrder): Promise<void> => await parkOne(await boardFor(order))
  await Promise.all(
    orders.map(order =>
      park(order).catch((error: unknown) =>
        say(`${order.name} may be on still: who had it was killed, and ${harmlessLines(asFault(error).message)}`),
      ),
    ),
  )
}

/** Switches a board off, unless somebody has it. */
export async function parkOne(board: ParkBoard, { clock = systemClock, locks }: ParkMeans = {}): Promise<void> {
  const holder = { ...thisProcess(['(guardian of a killed run)'], clock), isParking: true }
  try {
    await using _lock = await BoardLock.take(board.bench, board.name, holder, {
      waitMs: 0,
      clock,
      signal: clock.timeout(LOCK_LIMIT_MS),
      ...(locks && { locks }),
    })
    await switchOff(board, clock)
  } catch (error) {
    if (asFault(error).code !== 'lease/held') throw error
  }
}

/** Switches a board off that nobody has open, for good. Errors: the driver's; `infrastructure/power` where it stays on. */
export async function switchOff(board: ParkBoard, clock: Clock): Promise<void> {
  if (board.wired.power) {
    const signal = clock.timeout(PARK_LIMIT_MS + limitsOf(board).off)
    const power = await openControl(board, 'power', { clock, log: silentLog })
    await power.off(signal).catch(() => power.off(signal))
    await readOff(power, board, clock, signal)
  }
  keepClosed(board.stateDir)
}
