import { asFault } from '../../base/fault.ts'
import { silentLog } from '../../base/log.ts'
import { systemClock, type Clock } from '../../base/time.ts'
import { BoardLock, thisProcess, type LockSpace } from '../../bench/lock.ts'
import { loadBench, type Board } from '../../bench/load.ts'
import { openControl } from '../../bench/open-control.ts'
import { keepClosed } from '../numbers-file.ts'

const PARK_LIMIT_MS = 30_000

/** The host's own, unless a simulation brings others. */
interface ParkMeans {
  readonly clock?: Clock
  readonly locks?: LockSpace
}

/** Switches boards off whose holder was killed, those that nobody has taken meanwhile. Never throws: nobody would hear it. */
export async function parkAll(benchPath: string, names: readonly string[]): Promise<void> {
  const bench = await loadBench(benchPath).catch(() => undefined)
  const boards =
    bench?.boards.filter(({ name, spec }) => names.includes(name) && spec.power && spec.park === 'off') ?? []
  await Promise.all(boards.map(board => parkOne(board).catch(() => undefined)))
}

/** Switches a board off, unless somebody has it. */
export async function parkOne(board: Board, { clock = systemClock, locks }: ParkMeans = {}): Promise<void> {
  const signal = clock.timeout(PARK_LIMIT_MS)
  const holder = { ...thisProcess(['(guardian of a killed run)'], clock), isParking: true }
  try {
    await using _lock = await BoardLock.take(board.bench, board.name, holder, {
      waitMs: 0,
      clock,
      signal,
      ...(locks && { locks }),
    })
    const power = await openControl(board, 'power', { clock, log: silentLog })
    await power.off(signal).catch(() => power.off(signal))
    keepClosed(board.stateDir)
  } catch (error) {
    if (asFault(error).code !== 'lease/held') throw error
  }
}
