import { dirname } from 'node:path'
import { answered } from '../../agent/client.ts'
import { agentOf } from '../../agent/host.ts'
import { whyWithheld } from '../../agent/health/health-file.ts'
import { knownOf } from '../../agent/known-board.ts'
import { keptHolds } from '../../agent/leases/kept-holds.ts'
import { asFault, type Fault } from '../../base/fault.ts'
import { harmless, humanTime } from '../../base/text.ts'
import { systemClock } from '../../base/time.ts'
import { holderOf } from '../../bench/lock.ts'
import { loadBench, type Bench, type Board } from '../../bench/load.ts'
import { QUARANTINED } from '../../model/lease/words.ts'
import { missingFor } from '../../run/plan.ts'
import { driftsOf, driftWords } from '../../run/budgets.ts'
import { agentFor, type AgentChoice } from '../agent-for.ts'
import { runsFolder } from '../history.ts'
import { StageHistory } from '../stage-history.ts'
import { table } from '../table.ts'

export interface BoardsOptions extends AgentChoice {
  readonly reportDir?: string
  readonly json?: boolean
}

/** Who has a board, as it is shown. */
interface Shown {
  readonly user: string
  readonly purpose: string
  /** Null: nobody knows. */
  readonly sinceMs: number | null
  /** Null: until its process ends. */
  readonly untilMs: number | null
}

type Book = Awaited<ReturnType<Awaited<ReturnType<typeof agentFor>>['api']['leaseBook']['query']>>

/** `hil boards`: what there is, who holds it since when and until when, what is on it, and what keeps it from use. */
export async function boards(options: BoardsOptions, signal: AbortSignal): Promise<void> {
  const rows = options.agent === undefined ? await rowsHere(options, signal) : await rowsThere(options, signal)
  if (options.json) {
    process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`)
    return
  }
  const lines = rows.boards.map(row => [
    row.board,
    row.twin ? `${row.type} (twin)` : row.type,
    row.state,
    row.holder?.user ?? '—',
    row.holder?.sinceMs ? humanTime(row.holder.sinceMs) : '—',
    row.holder ? (row.holder.untilMs === null ? 'its end' : humanTime(row.holder.untilMs)) : '—',
    row.record?.faultsPer100 == null ? '—' : `${row.record.faultsPer100}/100`,
    row.unflashedSince === null ? (row.image?.name ?? '—') : 'none: its last flash did not end',
    row.health ?? row.holder?.purpose ?? row.note ?? row.title ?? '',
  ])
  process.stdout.write(table(['BOARD', 'TYPE', 'STATE', 'HOLDER', 'SINCE', 'UNTIL', 'FAULTS', 'LAST IMAGE', ''], lines))
  for (const { board, drift } of rows.boards) for (const words of drift) process.stdout.write(`${board}: ${words}\n`)
}

/** A board that was taken out of the bench file while somebody had it. */
const UNKNOWN = { title: null, twin: false, note: null, unflashedSince: null, image: null, record: null }

/** What an agent on another host tells. */
async function rowsThere(options: BoardsOptions, signal: AbortSignal) {
  using client = await agentFor(options, signal)
  const book = await answered(client.api.leaseBook.query({ known: true }))
  return {
    bench: book.bench,
    boards: book.boards.map(board => ({
      board: board.name,
      type: board.type,
      ...stateOf(board.lease && shownLease(board.lease), board.withheld),
      ...(board.known ?? UNKNOWN),
      missing: null,
      // Told by the runs of a host, which have their history there.
      drift: [],
    })),
  }
}

async function rowsHere(options: BoardsOptions, signal: AbortSignal) {
  const bench = await loadBench(options.bench)
  using history = new StageHistory(runsFolder(options.reportDir), bench.name)
  // A history that cannot be read is no reason to tell nothing.
  const drift = async (board: string): Promise<string[]> =>
    (await driftsOf(board, history.timesOf).catch(() => [])).map(driftWords)
  const socketPath = await agentOf(bench.name, systemClock, signal)
  const book = socketPath === undefined ? undefined : await bookOf(options, signal)
  const holds = socketPath === undefined ? holdsOf(bench) : undefined
  const boards = await Promise.all(
    bench.boards.map(async board => {
      const [missing, holder] = await Promise.all([missingFor(board), holderHere(board, book, holds)])
      const known = book?.boards.find(({ name }) => name === board.name)
      const stateDir = known?.stateDir ?? board.stateDir
      return {
        board: board.name,
        type: board.type.name,
        ...stateOf(holder, known?.withheld ?? whyWithheld(stateDir) ?? missing ?? null),
        ...knownOf({ ...board, stateDir }),
        missing: missing ?? null,
        drift: await drift(board.name),
      }
    }),
  )
  return { bench: bench.name, boards }
}

/** Boards can be listed by those too who may not enter the agent's socket. Errors: anything else. */
async function bookOf(options: BoardsOptions, signal: AbortSignal): Promise<Book | undefined> {
  try {
    using client = await agentFor(options, signal)
    return await answered(client.api.leaseBook.query())
  } catch (error) {
    const { code } = error as Fault
    if (code !== 'infrastructure/agent-gone' && code !== 'configuration/agent-access') throw error
    process.stderr.write('hil: the agent of this bench may not be asked: its leases are not shown\n')
    return undefined
  }
}

/** What is held by an agent that is not running; undefined: its book cannot be read, which is told. */
function holdsOf(bench: Bench): ReturnType<typeof keptHolds> | undefined {
  try {
    return keptHolds(dirname(bench.boards[0]!.stateDir), systemClock)
  } catch (error) {
    process.stderr.write(`hil: what is held is not known, there is no agent: ${harmless(asFault(error).seen)}\n`)
    return undefined
  }
}

async function holderHere(
  board: Board,
  book: Book | undefined,
  holds: ReturnType<typeof keptHolds> | undefined,
): Promise<Shown | null> {
  const lease = book?.boards.find(({ name }) => name === board.name)?.lease
  if (lease) return shownLease(lease)
  if (book) return null
  const holder = await holderOf(board.bench, board.name)
  const hold = holds?.get(board.name)
  if (holder === undefined) return hold ? { ...hold, purpose: `${hold.purpose} (its agent is not running)` } : null
  if (holder === null) return { user: '?', purpose: 'a process that does not answer', sinceMs: null, untilMs: null }
  return { ...holder, purpose: `pid ${holder.pid}: ${holder.command}`, untilMs: null }
}

function shownLease({ user, purpose, sinceMs, untilMs, tied }: NonNullable<Book['boards'][number]['lease']>): Shown {
  // A run's is renewed for as long as it lives.
  return { user, purpose, sinceMs, untilMs: tied ? null : untilMs }
}

function stateOf(holder: Shown | null, health: string | null) {
  const unfit = health?.startsWith(QUARANTINED) ? 'quarantined' : 'unusable'
  const state = holder ? 'held' : health === null ? 'free' : unfit
  return { state, holder, health }
}
