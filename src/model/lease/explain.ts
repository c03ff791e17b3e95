import { assign, describeAsk, isGivenTo, serves } from './assign.ts'
import { holdersByBoard, inOrder, turns } from './queue.ts'
import type { Book, BookBoard, Held, Past, Request, Rules } from './words.ts'

/** What a waiter is told. */
export interface Waiting {
  readonly id: string
  readonly user: string
  readonly purpose: string
  readonly wants: string
  readonly sinceMs: number
  /** 1: the next one. Counted among those who wait for boards that it could have. */
  readonly place: number
  readonly why: string
  /** When it can expect its boards, from how long they were used before; null: nobody can say. */
  readonly etaMs: number | null
}

/** Why a request waits, its place, and when its turn may come; undefined where it does not wait. `wallMs`: a time as a clock shows it. */
export function explain(book: Book, id: string, nowMs: number, rules: Rules, wallMs = same): Waiting | undefined {
  const queue = new Queue(book, nowMs, rules, wallMs)
  const index = queue.order.findIndex(request => request.id === id)
  return index < 0 ? undefined : queue.tell(index)
}

/** The whole queue in the order it is served, or the first of it. */
export function explainAll(book: Book, nowMs: number, rules: Rules, limit = Infinity, wallMs = same): Waiting[] {
  const queue = new Queue(book, nowMs, rules, wallMs)
  return queue.order.slice(0, limit).map((_, index) => queue.tell(index))
}

function same(ms: number): number {
  return ms
}

/** A queue that was looked at once, to tell any of its waiters where they stand. */
class Queue {
  readonly order: readonly Request[]
  readonly #book: Book
  readonly #wallMs: (ms: number) => number
  readonly #holders: Map<string, Held>
  readonly #etas: Map<string, number>
  readonly #boards: Map<string, readonly BookBoard[]>

  constructor(book: Book, nowMs: number, rules: Rules, wallMs: (ms: number) => number) {
    this.#wallMs = wallMs
    this.order = inOrder(book, nowMs, rules)
    this.#book = book
    this.#holders = holdersByBoard(book)
    this.#etas = estimate(book, this.order, nowMs, rules)
    this.#boards = new Map(turns(book, nowMs, rules, { all: true }).map(turn => [turn.request.id, turn.boards]))
  }

  tell(index: number): Waiting {
    const request = this.order[index]!
    const { id, user, purpose, asks, askedMs } = request
    return {
      id,
      user,
      purpose,
      wants: asks.map(describeAsk).join(' and '),
      sinceMs: askedMs,
      place: 1 + this.order.slice(0, index).filter(other => rivals(this.#book, request, other)).length,
      why: reason(this.#book, request, this.#boards.get(id) ?? [], this.#holders, this.#wallMs),
      etaMs: this.#etas.get(id) ?? null,
    }
  }
}

/** Why an epoch of a board is no longer in force, by name. */
export function whyStale(board: BookBoard | undefined, epoch: number): string {
  const past: Past | undefined = board?.past.find(lease => lease.epoch === epoch)
  if (!past) return 'it was ended'
  const at = new Date(past.endMs).toISOString()
  const by = past.by === undefined ? '' : past.how === 'preempted' ? ` for ${past.by}` : ` by ${past.by}`
  return `lease ${epoch} of ${past.user} was ${past.how === 'expired' ? 'over its time' : past.how}${by} at ${at}`
}

/** How long a board is usually used: the middle of its last leases; undefined without any. */
export function usualMs({ past }: BookBoard): number | undefined {
  if (past.length === 0) return undefined
  const times = past.map(({ sinceMs, endMs }) => endMs - sinceMs).sort((a, b) => a - b)
  return times[times.length >> 1]
}

function reason(
  book: Book,
  request: Request,
  boards: readonly BookBoard[],
  holders: Map<string, Held>,
  wallMs: (ms: number) => number,
): string {
  if (boards.length === 0) {
    const missing = missingFor(book, request)
    if (missing.length === 0) return 'others wait for the boards that could serve it'
    return missing.map(({ name, withheld }) => `${name}: ${withheld}`).join('; ')
  }
  const taken = boards.filter(({ name }) => holders.has(name))
  if (taken.length === 0) return 'its boards are free, and given to it when the queue is looked at next'
  return taken
    .map(({ name }) => {
      const held = holders.get(name)!
      const notice = held.notice?.by === request.id ? `, and told to end by ${time(wallMs(held.notice.atMs))}` : ''
      return `${name} is held by ${held.user} (${held.purpose}) since ${time(wallMs(held.sinceMs))}${notice}`
    })
    .join('; ')
}

/** The boards that nobody gets, and without which a request cannot be served; none: the rest of the bench could serve it. */
function missingFor(book: Book, request: Request): BookBoard[] {
  const { asks } = request
  const boards = Object.values(book.boards)
  const given = boards.filter(board => isGivenTo(board, request))
  if (assign(asks, given)) return []
  const unserved = asks.filter(ask => !given.some(board => serves(board, ask)))
  // Each may have a board, and all of them together too few.
  const short = unserved.length > 0 ? unserved : asks
  return boards.filter(board => !given.includes(board) && short.some(ask => serves(board, ask)))
}

/** Whether two requests could want the same board. */
function rivals(book: Book, a: Request, b: Request): boolean {
  return Object.values(book.boards).some(
    board => a.asks.some(ask => serves(board, ask)) && b.asks.some(ask => serves(board, ask)),
  )
}

/**
 * Plays the queue forward: each waiter gets the boards that are free first, and keeps them as `endOf` has it of leases.
 * A board that was never leased before has no usual time, and whoever waits for it no estimate.
 */
function estimate(book: Book, order: readonly Request[], nowMs: number, rules: Rules): Map<string, number> {
  const freeAt = new Map<string, number>()
  for (const [name, held] of holdersByBoard(book)) freeAt.set(name, endOf(book.boards[name]!, held, nowMs))
  const etas = new Map<string, number>()
  let left = book
  for (const request of order) {
    const [turn] = turns({ ...left, queue: [request] }, nowMs, rules, { all: true })
    const begin = Math.max(nowMs, ...(turn?.boards ?? []).map(({ name }) => freeAt.get(name) ?? nowMs))
    if (!turn || turn.boards.length === 0 || !Number.isFinite(begin)) continue
    etas.set(request.id, begin)
    // As `endOf` has it: people hold what they get as long as they said.
    const lasting = turn.boards.map(board => (request.yields ? (usualMs(board) ?? Infinity) : Infinity))
    const untilMs = begin + Math.min(request.forMs, Math.max(...lasting))
    const grants = turn.boards.map(({ name: board, epoch }) => ({ board, epoch }))
    for (const { board } of grants) freeAt.set(board, untilMs)
    // Whoever is next sees these boards in use until then.
    const boards = grants.map(({ board }) => board)
    const held = left.held.flatMap(held => freed(held, boards))
    left = { ...left, held: [...held, { ...request, grants, sinceMs: begin, untilMs }] }
  }
  return etas
}

function freed(held: Held, boards: readonly string[]): Held[] {
  const grants = held.grants.filter(({ board }) => !boards.includes(board))
  return grants.length === 0 ? [] : [{ ...held, grants }]
}

/** When a lease will be over: as usual for its board, at the latest at its end, or never by what one knows of it. */
function endOf(board: BookBoard, { sinceMs, untilMs, notice, yields }: Held, nowMs: number): number {
  if (notice) return notice.atMs
  // What people hold they hold as long as they said.
  if (!yields) return untilMs
  const usual = usualMs(board)
  return usual === undefined ? Infinity : Math.max(nowMs, sinceMs + usual)
}

function time(ms: number): string {
  return new Date(ms).toISOString().slice(0, 16).replace('T', ' ') + ' UTC'
}
