import { Fault } from '../base/fault.ts'
import { describeHolder, type Holder } from '../bench/lock.ts'

/** A connection that works on a board under a lease. */
interface User {
  readonly epoch: number
  readonly holder: Holder
  readonly gone: AbortSignal
}

/**
 * Who works on which board: one at a time, also of those who share a hold. Two runs on one board would each take the other's
 * doing for the board's.
 */
export class BoardUsers {
  readonly #users = new Map<string, User>()

  /** Errors: `lease/held` while another connection works on it under the same lease. */
  takeUp(board: string, { epoch, holder, gone }: User): void {
    const user = this.#users.get(board)
    if (user && user.epoch === epoch && user.gone !== gone && !user.gone.aborted)
      throw new Fault('lease/held', {
        expected: `nobody else to work on ${board} under the same lease`,
        seen: `it is used by ${describeHolder(user.holder)}`,
      })
    this.#users.set(board, { epoch, holder, gone })
  }

  /** Whether a connection that is there works on a board under this number of a lease. */
  isUsed(board: string, epoch: number): boolean {
    const user = this.#users.get(board)
    return user?.epoch === epoch && !user.gone.aborted
  }

  leave(board: string): void {
    this.#users.delete(board)
  }
}
