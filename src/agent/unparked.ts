import type { Clock } from '../base/time.ts'
import type { Held } from '../model/lease/words.ts'

/** What still matters of a lease that is over. */
export type Ended = Pick<Held, 'leaves' | 'grants'>

/** How long equipment that did not switch a board off is left alone before it is asked again. */
const AGAIN_MS = 10_000

/** Boards whose leases are over, and that are to be put away still: once they can be had, or once that succeeds. */
export class Unparked implements Disposable {
  readonly #clock: Clock
  readonly #putAway: (board: string) => void
  readonly #ended = new Map<string, Ended>()
  readonly #pauses = new Map<string, Disposable>()
  /** Those that could not be put away. */
  readonly #failed = new Set<string>()
  #isOver = false

  constructor(clock: Clock, putAway: (board: string) => void) {
    this.#clock = clock
    this.#putAway = putAway
  }

  has(board: string): boolean {
    return this.#ended.has(board)
  }

  get(board: string): Ended | undefined {
    return this.#ended.get(board)
  }

  /** It is to be put away once it can be had. */
  set(board: string, ended: Ended): void {
    this.#ended.set(board, ended)
  }

  /** It could not be put away. Gives back whether that is new. */
  failed(board: string, ended: Ended): boolean {
    const isNew = !this.#failed.has(board)
    this.#failed.add(board)
    this.set(board, ended)
    return isNew
  }

  /** Has it put away: now, or after a while where that failed. */
  goOn(board: string): void {
    if (!this.#failed.has(board)) return this.#putAway(board)
    if (this.#isOver || this.#pauses.has(board)) return
    const pause = this.#clock.after(AGAIN_MS, () => {
      this.#pauses.delete(board)
      this.#putAway(board)
    })
    this.#pauses.set(board, pause)
  }

  /** It was put away, or whoever has it by now will. */
  delete(board: string): void {
    this.#endPause(board)
    this.#failed.delete(board)
    this.#ended.delete(board)
  }

  /** Tries no more: the next agent will. */
  [Symbol.dispose](): void {
    this.#isOver = true
    for (const board of this.#pauses.keys()) this.#endPause(board)
  }

  #endPause(board: string): void {
    this.#pauses.get(board)?.[Symbol.dispose]()
    this.#pauses.delete(board)
  }
}
