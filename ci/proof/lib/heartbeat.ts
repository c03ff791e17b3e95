const BEAT_MS = 200
/** No work of a proof keeps its own process from a beat for so long. */
const STILL_MS = 2000

/** Notices that this process stood still: stopped, suspended with its host, or starved. What it timed then says nothing. */
export class Heartbeat implements Disposable {
  #lastMs = performance.now()
  #stillMs = 0
  readonly #timer = setInterval(() => this.#beat(), BEAT_MS)

  /** For how long it has stood still since this was asked last. */
  take(): number {
    this.#beat()
    const stillMs = this.#stillMs
    this.#stillMs = 0
    return stillMs
  }

  #beat(): void {
    const nowMs = performance.now()
    const gapMs = nowMs - this.#lastMs
    this.#lastMs = nowMs
    if (gapMs >= STILL_MS) this.#stillMs += gapMs
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
  }
}
