import { heldIn } from '../../../model/lease/evolve.ts'
import type { Book } from '../../../model/lease/words.ts'
import type { Complain } from './complaint.ts'

/** Something that somebody was told, and relies on. */
export type Ack = { readonly id: string; readonly who: string } & (
  | { readonly of: 'grant'; readonly grants: readonly { readonly board: string; readonly epoch: number }[] }
  | { readonly of: 'renewal'; readonly untilMs: number }
  | { readonly of: 'release' }
  | { readonly of: 'handing'; readonly to: string }
)

/** So many ends of leases a board remembers. */
const REMEMBERED = 20

/**
 * What was acknowledged is in the book of whoever goes on after a kill, and after a loss of power but for what was acknowledged
 * a moment before; and no number is given twice, come what may.
 */
export class Promises {
  #acks: (Ack & { readonly atMs: number })[] = []
  readonly #numbers = new Map<string, string>()
  readonly #nowMs: () => number
  readonly #complain: Complain

  constructor(nowMs: () => number, complain: Complain) {
    this.#nowMs = nowMs
    this.#complain = complain
  }

  /** The host lost its power: what was told from a moment on may not have been on its disk yet. */
  powerLost(sinceMs: number): void {
    this.#acks = this.#acks.filter(({ atMs }) => atMs < sinceMs)
  }

  told(ack: Ack): void {
    this.#acks.push({ ...ack, atMs: this.#nowMs() })
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
