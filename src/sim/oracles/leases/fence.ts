import type { Label } from '../../net/label.ts'
import type { Complain } from './complaint.ts'

/**
 * Whoever acts on a board does so under the newest number that ever acted on it. Watched where equipment is driven, not
 * where leases are kept: what the book says is of no interest here.
 */
export class Fence {
  readonly #newest = new Map<string, { readonly epoch: number; readonly who: string }>()
  readonly #complain: Complain

  constructor(complain: Complain) {
    this.#complain = complain
  }

  /** `epoch`: the number under which it is done; undefined: an agent does it by itself, to put the board away. */
  acted(board: string, what: string, label: Label | undefined, epoch: number | undefined, isInForce: boolean): void {
    const newest = this.#newest.get(board)
    const who = label ? `${label.who} (${label.path})` : 'the agent'
    if (epoch === undefined) {
      if (newest && isInForce)
        this.#complain(
          'fencing',
          `${who} ${what} of ${board}, while lease ${newest.epoch} of ${newest.who} is in force`,
        )
      return
    }
    if (newest && epoch < newest.epoch)
      this.#complain(
        'fencing',
        `${who} ${what} of ${board} under ${epoch}, after ${newest.who} did under ${newest.epoch}`,
      )
    else this.#newest.set(board, { epoch, who: label?.who ?? 'an agent' })
  }

  /** The newest number that acted on a board. */
  newest(board: string): number | undefined {
    return this.#newest.get(board)?.epoch
  }
}
