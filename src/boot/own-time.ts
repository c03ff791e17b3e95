/** How much longer than its limit a virtual board is waited for, when its host has no processor for it. */
const PATIENCE = 3

/** Tells how long a virtual board has waited for its host since it was switched on; absent for one of metal. */
export type Starved = (() => number) | undefined

/**
 * A time limit in a virtual board's own time: what it waited for a processor of its host does not count, up to three
 * times the limit. A real board's limit is what it is.
 */
export class OwnTime {
  readonly #limitMs: number
  readonly #starved: Starved
  readonly #beforeMs: number
  #givenMs = 0

  constructor(limitMs: number, starved: Starved) {
    this.#limitMs = limitMs
    this.#starved = starved
    this.#beforeMs = starved?.() ?? 0
  }

  /** How much longer to wait, once all is over that was given so far; 0: no longer. */
  moreMs(): number {
    const left = PATIENCE * this.#limitMs - this.#givenMs
    const more = Math.min(left, this.#starvedMs - this.#givenMs)
    if (more < 1) return 0
    this.#givenMs += more
    return more
  }

  /** How long the board waited for its host, where that was all it was given: nobody knows what it would have done. */
  get starvedMs(): number | undefined {
    return this.#givenMs >= PATIENCE * this.#limitMs ? this.#starvedMs : undefined
  }

  get #starvedMs(): number {
    return Math.max(0, (this.#starved?.() ?? 0) - this.#beforeMs)
  }
}
