import { heldIn } from '../../../model/lease/evolve.ts'
import type { Book, LeaseEvent } from '../../../model/lease/words.ts'
import type { Complain } from './complaint.ts'

/** Something that somebody was told, and relies on. */
export type Ack = { readonly id: string; readonly who: string } & (
  | { readonly of: 'grant'; readonly grants: readonly { readonly board: string; readonly epoch: number }[] }
  | { readonly of: 'renewal'; readonly untilMs: number }
  | { readonly of: 'release' }
  | { readonly of: 'handing'; readonly to: string }
)

/** What happened in the book, where somebody is told of it. */
const HAPPENED = { grant: 'granted', renewal: 'renewed', release: 'ended', handing: 'handed' } as const

/** So many ends of leases a board remembers. */
const REMEMBERED = 20

/**
 * What was acknowledged is in the book of whoever goes on after a kill, and after a loss of power but for what was acknowledged
 * before the disk had it; and no number is given twice, come what may.
 */
export class Promises {
  #acks: (Ack & { readonly atMs: number })[] = []
  readonly #numbers = new Map<string, string>()
  /** When it was kept what happened to a lease, of each kind the last. */
  readonly #keptMs = new Map<string, number>()
  readonly #nowMs: () => number
  readonly #complain: Complain

  constructor(nowMs: () => number, complain: Complain) {
    this.#nowMs = nowMs
    this.#complain = complain
  }

  /** The host lost its power; `atRisk` says whether what was kept at a time may not have been on its disk. */
  powerLost(atRisk: (keptMs: number) => boolean): void {
    this.#keptMs.clear()
    this.#acks = this.#acks.filter(({ atMs }) => !atRisk(atMs))
  }

  /** An agent says of this that it is kept. Whom it concerns may hear of it much later. */
  kept(events: readonly LeaseEvent[]): void {
    for (const event of events) if ('id' in event) this.#keptMs.set(`${event.type} ${event.id}`, this.#nowMs())
  }

  told(ack: Ack): void {
    const atMs = this.#keptMs.get(`${HAPPENED[ack.of]} ${ack.id}`) ?? this.#nowMs()
    this.#acks.push({ ...ack, atMs })
    if (ack.of !== 'grant') return
    for (const { board, epoch } of ack.grants) {
      const number = `${epoch} of ${board}`
      const other = this.#numbers.get(number)
      if (other !== undefined && other !== ack.id) this.#complain('promises', `number ${number} was given twice`)
      this.#numbers.set(number, ack.id)
    }
  }

  /** Checks a book that was read back from the disk. */
  check(book: Book): void {
    for (const ack of this.#acks) {
      const held = heldIn(book, ack.id)
      const lost = (what: string): void =>
        this.#complain('promises', `${ack.who} was told ${what}, and the book read back does not know it`)
      if (ack.of === 'release' && held) lost('that its lease was ended')
      if (ack.of === 'handing' && held && held.user !== ack.to) lost(`that ${ack.to} has its lease now`)
      if (ack.of === 'renewal' && held && held.untilMs < ack.untilMs) lost('that its lease was prolonged')
      if (ack.of !== 'grant') continue
      for (const { board, epoch } of ack.grants) {
        const { epoch: newest = 0, past = [] } = book.boards[board] ?? {}
        const isKnown =
          held?.grants.some(grant => grant.board === board && grant.epoch >= epoch) === true ||
          past.some(lease => lease.epoch === epoch) ||
          (newest > epoch && past.length >= REMEMBERED)
        if (!isKnown) lost(`that ${board} is its own under ${epoch}`)
      }
    }
  }
}
