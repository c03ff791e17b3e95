/** How long ago boards were checked, by a clock that never jumps. */
export class CheckAges {
  /** By board: the check that is known, how old it was when it was seen first, and the monotonic time of that. */
  readonly #seen = new Map<string, { readonly atMs: number; readonly ageMs: number; readonly ticksMs: number }>()

  /**
   * The age of a board's last check, which bears the time `atMs` of a clock that may have been set since, or before.
   *
   * What was there before this process is as old as the clock says; what is made meanwhile is new, whatever time it bears.
   */
  of(board: string, atMs: number, now: { readonly wallMs: number; readonly ticksMs: number }): number {
    let seen = this.#seen.get(board)
    if (seen?.atMs !== atMs) {
      seen = { atMs, ageMs: seen ? 0 : Math.max(0, now.wallMs - atMs), ticksMs: now.ticksMs }
      this.#seen.set(board, seen)
    }
    return seen.ageMs + now.ticksMs - seen.ticksMs
  }
}
