import { Fault } from '../../base/fault.ts'
import type { Log } from '../../base/log.ts'
import { abortable, type Clock } from '../../base/time.ts'
import { describeAsk } from '../../model/lease/assign.ts'
import { decide, nextChangeMs } from '../../model/lease/book.ts'
import { heldIn, holderOf, numberedBehind } from '../../model/lease/evolve.ts'
import { explain, explainAll, whyStale, type Waiting } from '../../model/lease/explain.ts'
import {
  RULES,
  type BoardFacts,
  type Book,
  type Held,
  type LeaseCommand,
  type LeaseEvent,
  type Request,
  type Rules,
} from '../../model/lease/words.ts'
import type { BookDisk } from './book-disk.ts'
import { bookTime, hasBootedSince, type HostTime } from './book-time.ts'
import { BEHIND_BYTES, Journal } from './journal.ts'
import { findBook } from './read-book.ts'
import { Waiters } from './waiters.ts'

/** Told of what happened once it is kept. Must not throw. */
export type DeskListener = (events: readonly LeaseEvent[], before: Book, after: Book) => void

export interface DeskOptions {
  readonly clock: Clock
  readonly log: Log
  readonly rules?: Partial<Rules>
  /** Where the book is kept; absent: on the host's disk. */
  readonly disk?: BookDisk
  /** Default: this host. */
  readonly host?: HostTime
}

/** What one command led to. */
interface Step {
  readonly number: number
  readonly events: readonly LeaseEvent[]
  readonly before: Book
  readonly book: Book
  readonly late: Map<string, Fault> | undefined
}

/** More waiters than this are refused: a script that asks in a loop must not be the agent's memory. */
const QUEUE_LIMIT = 10_000
/** How long a disk that refused something is left alone before it is tried again. */
const DISK_RETRY_MS = 1000
const MAX_TIMER_MS = 60_000
/**
 * Of leases that were given just before the host lost its power the book may know nothing, and whoever has one may be elsewhere and
 * go on: no more of them than this, as each takes more bytes of the journal. The next ones are numbered behind them.
 */
const UNKNOWN_EPOCHS = BEHIND_BYTES / 32
/** A wall clock that is off by less was not set, but is slewed. */
const SET_MS = 60_000

/**
 * The lease book at work: commands come in, what they led to is kept, and only then is anybody told.
 *
 * Errors of all commands: `lease/stale` for a lease that is over, `infrastructure/disk-full` where it could not be kept;
 * what was refused so may have happened, and is asked again under the same id.
 */
export class LeaseDesk implements AsyncDisposable {
  readonly #journal: Journal
  readonly #clock: Clock
  readonly #log: Log
  readonly #rules: Rules
  readonly #listeners = new Set<DeskListener>()
  readonly #waiters = new Waiters()
  #book: Book
  /** What leases are counted in; it does not jump. */
  readonly nowMs: () => number
  /** What was decided and is not kept yet, in order. */
  readonly #untold: Step[] = []
  #steps = 0
  #timer: Disposable | undefined
  #timerAtMs = Infinity
  #closed = false

  private constructor(path: string, { clock, log, rules, disk, host }: DeskOptions) {
    const found = findBook(path, disk)
    const timePath = `${path}.time`
    this.#book = hasBootedSince(timePath, clock, host) ? numberedBehind(found.book, UNKNOWN_EPOCHS) : found.book
    this.#journal = new Journal(path, found, () => this.#book, {
      ...{ clock, disk },
      onRefused: error => {
        log.error({ err: error }, 'the disk of the lease book refused what it was given')
        this.#arm()
      },
    })
    this.#clock = clock
    this.#log = log
    this.#rules = { ...RULES, ...rules }
    // Behind the book: else that would take the numbers to be on the disk, and they would not be.
    this.nowMs = bookTime(timePath, clock, log, host)
  }

  /** Opens the book kept at `path`. Errors: one that cannot be read or kept. */
  static open(path: string, options: DeskOptions): LeaseDesk {
    const desk = new LeaseDesk(path, options)
    desk.#arm()
    return desk
  }

  get book(): Book {
    return this.#book
  }

  /** A time, as the clock on the wall shows it: where that was set, it is another than the book's. */
  wallMs = (atMs: number): number => {
    const aheadMs = this.#clock.nowMs() - this.nowMs()
    return Math.abs(aheadMs) < SET_MS ? atMs : atMs + Math.round(aheadMs / 1000) * 1000
  }

  /** Calls `listener` with all that happens from now on. */
  follow(listener: DeskListener): Disposable {
    this.#listeners.add(listener)
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) }
  }

  /**
   * Resolves when all boards asked for are held. Asking again under the same id joins the first.
   *
   * An abort only ends the waiting here; `release` withdraws. Errors: `lease/held` after `giveUpMs`,
   * `configuration/unknown-board`, `cancelled/interrupt` when somebody withdrew it.
   */
  async ask(request: Request, signal?: AbortSignal): Promise<Held> {
    if (this.#book.queue.length >= QUEUE_LIMIT)
      throw new Fault('lease/held', { expected: 'room in the queue', seen: `${QUEUE_LIMIT} waiters` })
    const { id } = request
    const told = this.#waiters.join(id)
    const held = await this.#askOnce(request).catch((error: unknown) => {
      if (!this.#book.queue.some(waiting => waiting.id === id)) this.#waiters.take(id)
      throw error
    })
    if (!held) return await abortable(told, signal)
    this.#waiters.take(id)
    return held
  }

  /** The lease of who did not have to wait. */
  async #askOnce(request: Request): Promise<Held | undefined> {
    // Not what was decided since, and is not kept yet: they would have it before whoever had it let go. No book outlives this
    // call, or all who wait would have one each.
    return heldIn(await this.#do({ do: 'ask', request }), request.id)
  }

  /** In force for `forMs` from now on, which may be less than before; null: for as long as it was asked for. */
  async renew(id: string, forMs: number | null): Promise<Held> {
    await this.#do({ do: 'renew', id, forMs })
    return this.#inForce(id)
  }

  /** In force for another `forMs`, and never for less than it is; for another purpose where one is given. */
  async prolong(id: string, forMs: number, purpose?: string): Promise<Held> {
    await this.#do({ do: 'prolong', id, forMs, ...(purpose !== undefined && { purpose }) })
    return this.#inForce(id)
  }

  #inForce(id: string): Held {
    const held = heldIn(this.#book, id)
    if (held) return held
    throw new Fault('lease/stale', { expected: `lease ${id} to be in force`, seen: 'it was ended meanwhile' })
  }

  /** Ends a lease or leaves the queue. Errors: `lease/stale` for one that is over. */
  release = async (id: string, by?: string): Promise<void> =>
    void (await this.#do({ do: 'release', id, ...(by !== undefined && { by }) }))

  yield = async (id: string): Promise<void> => void (await this.#do({ do: 'yield', id }))

  hand = async (id: string, to: string, by: string): Promise<void> => void (await this.#do({ do: 'hand', id, to, by }))

  bench = async (boards: readonly BoardFacts[]): Promise<void> => void (await this.#do({ do: 'bench', boards }))

  withhold = async (board: string, why: string | null): Promise<void> =>
    void (await this.#do({ do: 'withhold', board, why }))

  /** Resolves when all that was decided so far is kept, and told to whoever follows. Errors: those of all commands. */
  async settled(): Promise<void> {
    this.#mustBeOpen()
    const last = this.#steps
    await this.#journal.append([])
    this.#tellUntil(last)
  }

  /** The lease of a board under a number. Errors: `lease/stale` naming what ended it. */
  held(board: string, epoch: number): Held {
    const held = this.holder(board)
    if (held?.grants.some(grant => grant.board === board && grant.epoch === epoch)) return held
    const now = held ? `; it is held by ${held.user} (${held.purpose}) now` : ''
    const known = this.#book.boards[board]
    const ending = known?.past.find(past => past.epoch === epoch)?.how
    throw new Fault(ending === 'preempted' ? 'lease/preempted' : 'lease/stale', {
      expected: `lease ${epoch} of ${board} to be in force`,
      seen: `${whyStale(known, epoch)}${now}`,
    })
  }

  holder(board: string): Held | undefined {
    return holderOf(this.#book, board)
  }

  /** The number under which a board is held; undefined: it is not. */
  epochOf(name: string): number | undefined {
    return this.holder(name)?.grants.find(({ board }) => board === name)?.epoch
  }

  waiting(id: string): Waiting | undefined {
    return explain(this.#book, id, this.nowMs(), this.#rules, this.wallMs)
  }

  /** The first of the queue, in the order it is served. */
  queue(limit = 100): Waiting[] {
    return explainAll(this.#book, this.nowMs(), this.#rules, limit, this.wallMs)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    this.#timer?.[Symbol.dispose]()
    await this.#journal[Symbol.asyncDispose]()
  }

  /** Decides at once, keeps it, and tells: in this order for all commands. Resolves to the book as it was decided. */
  async #do(command: LeaseCommand): Promise<Book> {
    this.#mustBeOpen()
    const before = this.#book
    const { book, events, refused } = decide(before, command, this.nowMs(), this.#rules)
    this.#book = book
    const late = events.some(event => event.type === 'left') ? this.#lateFaults(before, events) : undefined
    if (events.length > 0) this.#untold.push({ number: ++this.#steps, events, before, book, late })
    const last = this.#steps
    try {
      // Also what changed nothing waits for what it may have seen of others.
      await this.#journal.append(events)
      this.#tellUntil(last)
    } finally {
      this.#arm()
    }
    if (refused) throw refused
    return book
  }

  #mustBeOpen(): void {
    if (this.#closed) throw new Fault('infrastructure/agent-gone', { expected: 'an agent', seen: 'it is ending' })
  }

  /** What is kept is told, with what came before it: a disk that refused that has taken it by now. */
  #tellUntil(last: number): void {
    for (let step = this.#untold[0]; step && step.number <= last; step = this.#untold[0]) {
      this.#untold.shift()
      const { events, before, book, late } = step
      for (const event of events) this.#tell(event, book, late)
      for (const listener of this.#listeners) listener(events, before, book)
    }
  }

  #tell(event: LeaseEvent, book: Book, late: Map<string, Fault> | undefined): void {
    if (event.type !== 'granted' && event.type !== 'left') return
    const waiter = this.#waiters.take(event.id)
    if (event.type === 'left') waiter?.reject(late?.get(event.id))
    else waiter?.resolve(heldIn(book, event.id)!)
  }

  /** Why those who leave the queue have to, told by the book as it was. */
  #lateFaults(before: Book, events: readonly LeaseEvent[]): Map<string, Fault> {
    const faults = new Map<string, Fault>()
    for (const event of events) {
      if (event.type !== 'left') continue
      const asks = before.queue
        .find(({ id }) => id === event.id)
        ?.asks.map(describeAsk)
        .join(' and ')
      const why = (): string =>
        explain(before, event.id, this.nowMs(), this.#rules, this.wallMs)?.why ?? 'others were before it'
      faults.set(
        event.id,
        event.how === 'withdrawn'
          ? new Fault('cancelled/interrupt', { expected: `to get ${asks}`, seen: 'it was withdrawn from the queue' })
          : new Fault('lease/held', { expected: `${asks} to be free in time`, seen: why() }),
      )
    }
    return faults
  }

  /** Sets the timer to when time alone will change something next. */
  #arm(): void {
    if (this.#closed) return
    const nowMs = this.nowMs()
    const nextMs = this.#journal.broken ? nowMs + DISK_RETRY_MS : nextChangeMs(this.#book, nowMs, this.#rules)
    if (nextMs === undefined || (this.#timer !== undefined && this.#timerAtMs <= nextMs)) return
    this.#timer?.[Symbol.dispose]()
    this.#timerAtMs = nextMs
    this.#timer = this.#clock.after(Math.min(MAX_TIMER_MS, Math.max(1, nextMs - nowMs)), () => void this.#tick())
  }

  async #tick(): Promise<void> {
    this.#timer = undefined
    try {
      await this.#do({ do: 'tick' })
    } catch (error) {
      this.#log.error({ err: error }, 'the lease book could not be kept')
      this.#arm()
    }
  }
}
