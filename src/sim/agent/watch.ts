import type { LeaseDesk } from '../../agent/leases/desk.ts'
import { EMPTY_BOOK, RULES, type Book, type LeaseEvent, type Rules } from '../../model/lease/words.ts'
import type { Complaint, LeaseOracle } from '../oracles/leases/complaint.ts'
import { Fence } from '../oracles/leases/fence.ts'
import { Parking, type ParkingMeans } from '../oracles/leases/parking.ts'
import { Promises } from '../oracles/leases/promises.ts'
import { Refusals } from '../oracles/leases/refusals.ts'
import { mustTellTruly } from '../oracles/leases/telling.ts'
import { Turns } from '../oracles/leases/turns.ts'
import { isInForce } from '../oracles/leases/refusals.ts'
import { Waits } from '../oracles/leases/waits.ts'
import { labels } from '../net/label.ts'
import { EPOCH_MS } from '../time/virtual-time.ts'

interface WatchMeans extends Omit<ParkingMeans, 'complain'> {
  readonly nowMs: () => number
  readonly rules: Partial<Rules>
  readonly tell: (who: string, text: string) => void
  /** Whether the disk of the book takes what it is given, at once. */
  readonly isDiskWell: () => boolean
}

/** After a trouble of agent or disk it is not held against them that they are behind. */
const RECOVERS_IN_MS = 15_000
const OVERDUE_MS = 3000
const TELL_EVERY_LOOKS = 5

/** Whoever looks over the shoulders of an agent and of all that use it, and complains of what may never be. */
export class LeaseWatch {
  readonly complaints: Complaint[] = []
  readonly promises: Promises
  readonly refusals: Refusals
  readonly waits: Waits
  readonly parking: Parking
  readonly #fence: Fence
  readonly #turns: Turns
  readonly #means: WatchMeans
  #book: Book = EMPTY_BOOK
  #desk: LeaseDesk | undefined
  #troubledMs = 0
  #looks = 0
  /** Somebody with rights is to do something: withhold a board, end a lease. */
  wantsAdmin: (kind: 'board-quarantined' | 'lease-taken-away', amount: number) => void = () => undefined

  constructor(means: WatchMeans) {
    this.#means = means
    const complain = this.complain.bind(this)
    const rules = { ...RULES, ...means.rules }
    this.promises = new Promises(means.nowMs, complain)
    this.refusals = new Refusals(complain)
    this.waits = new Waits(rules, complain)
    this.parking = new Parking({ ...means, complain })
    this.#fence = new Fence(complain)
    this.#turns = new Turns(rules, complain)
  }

  /** What the book says now, as far as it was told to anybody. */
  get book(): Book {
    return this.#book
  }

  complain(oracle: LeaseOracle, what: string): void {
    this.complaints.push({ oracle, atMs: this.#means.nowMs(), what })
    this.#means.tell('oracle', `${oracle}: ${what}`)
  }

  /** What an agent finds when it begins; undefined: nothing that can be read. */
  recovered(book: Book | undefined): void {
    if (book) this.promises.check(book)
  }

  attach(desk: LeaseDesk): void {
    this.#desk = desk
    this.#troubledMs = this.#means.nowMs()
    this.#turns.caughtUp(this.#book, desk.book, EPOCH_MS + this.#means.nowMs())
    this.#became(desk.book)
    const yields = desk.yield.bind(desk)
    desk.yield = async id => {
      this.#turns.yielded(id)
      await yields(id)
    }
    desk.follow((events, before, after) => {
      if (this.#desk !== desk) return
      for (const event of events) this.#means.tell('book', described(event))
      this.promises.kept(events)
      this.#turns.happened(events, before)
      this.#became(after)
    })
  }

  /** `boards`: those that a guardian puts away now. */
  agentGone(how: 'killed' | 'ended' | 'powerless', boards: readonly string[]): void {
    this.#desk = undefined
    if (how === 'killed') this.parking.killed(boards, this.#book, this.#means.nowMs())
    if (how === 'powerless') this.parking.powerless()
  }

  stoodStill(untilMs: number): void {
    this.#troubledMs = untilMs
  }

  /** A process did something to a board on behalf of an agent. */
  acted(board: string, what: string): void {
    const label = labels.getStore()
    const epoch = label?.board === board ? label.epoch : undefined
    const newest = this.#fence.newest(board)
    const inForce = newest !== undefined && isInForce(this.#desk?.book ?? this.#book, board, newest)
    this.#fence.acted(board, what, label, epoch, inForce)
  }

  /** A second has passed. */
  look(): void {
    const { nowMs, isDiskWell } = this.#means
    if (!isDiskWell()) this.#troubledMs = Math.max(this.#troubledMs, nowMs())
    const desk = this.#desk
    const works = desk !== undefined && nowMs() - this.#troubledMs > RECOVERS_IN_MS
    this.waits.look(this.#book, nowMs(), works)
    this.parking.look(this.#book, nowMs(), works)
    if (!works) return
    for (const { id, purpose, untilMs } of desk.book.held)
      if (untilMs < desk.nowMs() - OVERDUE_MS)
        this.complain('ending', `lease ${id} of ${purpose} goes on after its time was over`)
    if (++this.#looks % TELL_EVERY_LOOKS === 0)
      mustTellTruly(desk.book, desk.queue(), desk.nowMs(), this.complain.bind(this))
  }

  #became(book: Book): void {
    this.#book = book
    this.waits.changed(book, this.#means.nowMs())
    for (const { leaves, grants } of book.held) if (leaves) this.parking.left(grants.map(({ board }) => board))
  }
}

/** An event as a timeline tells it. */
function described(event: LeaseEvent): string {
  if (event.type === 'bench') return `has boards ${event.boards.map(({ name }) => name).join(', ')}`
  if (event.type !== 'queued') return JSON.stringify(event)
  const { purpose, user, asks, priority } = event.request
  return `queues ${purpose} of ${user} for ${JSON.stringify(asks)}, priority ${priority}`
}
