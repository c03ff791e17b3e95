import { humanDuration, humanSize } from '../base/text.ts'
import type { Clock } from '../base/time.ts'

/** How far back a rate looks: long enough to be calm, short enough to follow a medium that slows down. */
const WINDOW_MS = 5000
const MIN_MS = 500

/** Tells how fast some bytes go, and when they will be done. */
export class Rate {
  readonly #clock: Clock
  #samples: { atMs: number; bytes: number }[] = []

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** `bytes`: all so far. What begins again begins anew. */
  add(bytes: number): void {
    const atMs = this.#clock.ticksMs()
    if (bytes < (this.#samples.at(-1)?.bytes ?? 0)) this.#samples = []
    this.#samples.push({ atMs, bytes })
    // One sample older than the window stays, so that there is always something to compare with.
    while (this.#samples.length > 2 && atMs - this.#samples[1]!.atMs > WINDOW_MS) this.#samples.shift()
  }

  /** Undefined while it is too early to tell. */
  get bytesPerSecond(): number | undefined {
    const [first, last] = [this.#samples[0], this.#samples.at(-1)]
    if (!first || !last || last.atMs - first.atMs < MIN_MS) return undefined
    return ((last.bytes - first.bytes) * 1000) / (last.atMs - first.atMs)
  }

  /** `120.0 MiB of 512.0 MiB  23 %  85.3 MiB/s  ~5 s left`, as far as it is known. */
  line(doneBytes: number, totalBytes: number | undefined): string {
    const rate = this.bytesPerSecond
    const leftMs =
      totalBytes !== undefined && doneBytes < totalBytes && rate ? ((totalBytes - doneBytes) * 1000) / rate : undefined
    return [
      totalBytes === undefined ? humanSize(doneBytes) : `${humanSize(doneBytes)} of ${humanSize(totalBytes)}`,
      totalBytes ? `${Math.floor((100 * doneBytes) / totalBytes)} %` : undefined,
      rate === undefined ? undefined : `${humanSize(Math.round(rate))}/s`,
      leftMs === undefined ? undefined : `~${humanDuration(leftMs)} left`,
    ]
      .filter(text => text !== undefined)
      .join('  ')
  }
}
