import { dirname } from 'node:path'
import { readHealth } from '../agent/health/health-file.ts'
import { keptHolds } from '../agent/leases/kept-holds.ts'
import { leaseBookOf, type LeaseBook } from '../agent/remote/lease-book.ts'
import { systemClock } from '../base/time.ts'
import type { Bench, Board } from '../bench/load.ts'
import { holderOf, thisProcess } from '../bench/lock.ts'
import { byHealth, faultsPer100, type Candidate } from '../model/health.ts'
import { QUARANTINED } from '../model/lease/words.ts'

/**
 * A bench whose boards stand in the order they are to be had: of several of a type the sound ones first, then the free ones, then
 * those that fewer wait for, then those that met fewer faults. Which types there are comes from the file's own order.
 */
export async function soundestFirst(bench: Bench, signal: AbortSignal): Promise<Bench> {
  const types = Map.groupBy(bench.boards, ({ type }) => type.name)
  if ([...types.values()].every(boards => boards.length === 1)) return bench
  // An agent that cannot be asked is told of by whoever wants the board.
  const book = await leaseBookOf(bench.name, systemClock, signal).catch(() => undefined)
  const held = book ? new Set<string>() : heldByOthers(bench)
  const ranked = await Promise.all(
    bench.boards.map(async board => {
      const known = book?.boards.find(({ name }) => name === board.name)
      return { board, ...(known ? byItsAgent(board, known) : await byThisHost(board, held)) }
    }),
  )
  const order = (a: (typeof ranked)[number], b: (typeof ranked)[number]): number => byHealth(a, b)
  const boards = [...types.keys()].flatMap(type => {
    const own = ranked.filter(({ board }) => board.type.name === type)
    return own.sort(order).map(({ board }) => board)
  })
  return { ...bench, boards }
}

/** As the agent tells it, which has the locks of all its boards for life. */
function byItsAgent({ stateDir: own }: Board, known: LeaseBook['boards'][number]): Candidate {
  const { lease, waiting, withheld, stateDir } = known
  // Under one's own hold one need not wait.
  const isOurs = lease?.tied === false && lease.user === user()
  return {
    isQuarantined: withheld?.startsWith(QUARANTINED) === true,
    isBusy: !isOurs && (lease !== null || withheld !== null),
    waiting: isOurs ? 0 : waiting,
    faultsPer100: faultsPer100(readHealth(stateDir ?? own)),
  }
}

async function byThisHost({ bench, name, stateDir }: Board, held: ReadonlySet<string>): Promise<Candidate> {
  const health = readHealth(stateDir)
  return {
    isQuarantined: health.quarantine !== null,
    isBusy: held.has(name) || (await holderOf(bench, name)) !== undefined,
    waiting: 0,
    faultsPer100: faultsPer100(health),
  }
}

/** Boards that somebody else holds by an agent that is not running. */
function heldByOthers(bench: Bench): ReadonlySet<string> {
  try {
    const holds = keptHolds(dirname(bench.boards[0]!.stateDir), systemClock)
    return new Set([...holds].filter(([, hold]) => hold.user !== user()).map(([board]) => board))
  } catch {
    // Told of by whoever wants the board.
    return new Set()
  }
}

function user(): string {
  return thisProcess([], systemClock).user
}
