/** How long a board must say nothing to be given up before its whole limit. */
const LOOK_MS = 10_000

/**
 * A time limit that was learned, and may be wrong about a new image: as long as the board goes on talking it is waited for, up to
 * its whole limit. One that says nothing for ten seconds once the learned limit is over gets no more.
 */
export class StillTalking {
  readonly #leftMs: number
  readonly #end: () => number
  #givenMs = 0
  #heard: number | undefined

  /** `end`: how far the console's recording goes. Without `wholeMs` the limit is what it is. */
  constructor(learnedMs: number, wholeMs: number | undefined, end: () => number) {
    this.#leftMs = (wholeMs ?? learnedMs) - learnedMs
    this.#end = end
  }

  /** How much longer to wait, once all is over that was given so far; 0: no longer. */
  moreMs(): number {
    const end = this.#end()
    const left = this.#leftMs - this.#givenMs
    if (left <= 0 || end === this.#heard) return 0
    this.#heard = end
    const more = Math.min(LOOK_MS, left)
    this.#givenMs += more
    return more
  }
}
