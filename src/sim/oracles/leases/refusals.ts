import { asFault } from '../../../base/fault.ts'
import type { Book } from '../../../model/lease/words.ts'
import type { Complain } from './complaint.ts'

const NAMED = /^lease \d+ of [\w-]+ was (released|over its time|preempted|handed|ended)\b.* at \d{4}-/
/** So many ends of leases a board remembers; of older ones nobody can say more. */
const REMEMBERED = 20

interface Use {
  readonly who: string
  readonly board: string
  readonly epoch: number
}

/** Whoever comes too late is refused, by name of what ended their lease; whoever does not is not. */
export class Refusals {
  readonly #complain: Complain

  constructor(complain: Complain) {
    this.#complain = complain
  }

  /** A call under a number was refused, or failed by something else. */
  refused({ who, board, epoch }: Use, error: unknown, book: Book): void {
    const fault = asFault(error)
    if (fault.class === 'internal') this.#complain('refusals', `${who} is told ${fault.message.split('\n')[0]}`)
    if (fault.code !== 'lease/stale' && fault.code !== 'lease/preempted') return
    const { epoch: newest = 0 } = book.boards[board] ?? {}
    if (!NAMED.test(fault.seen) && newest - epoch < REMEMBERED)
      this.#complain('refusals', `${who} is refused on ${board} and not told what ended its lease: ${fault.seen}`)
    if (isInForce(book, board, epoch))
      this.#complain('refusals', `${who} is refused on ${board} under ${epoch}, which is in force: ${fault.seen}`)
  }

  /** A call succeeded that was made when its lease was known to be over. */
  accepted({ who, board, epoch }: Use): void {
    this.#complain('refusals', `${who} acts on ${board} under ${epoch}, which is over, and is not refused`)
  }
}

export function isInForce(book: Book, board: string, epoch: number): boolean {
  return book.held.some(({ grants }) => grants.some(grant => grant.board === board && grant.epoch === epoch))
}
