import { humanSize } from '../../base/text.ts'
import { systemClock, type Clock } from '../../base/time.ts'
import { inTurn } from './disk-turns.ts'
import { isArrival, offsetOf, timeOf, type Arrival, type IndexLine, type Mark } from './index-line.ts'
import type { Memory } from './memory.ts'

/** What is to be written at once. */
export interface Batch {
  /** The offset of the first byte, and of the first line. */
  readonly offset: number
  readonly bytes: readonly Buffer[]
  readonly lines: readonly IndexLine[]
}

/** Files that a recording is written to. */
export interface Target {
  /** Never called before the last call has ended. Errors: what the system says; nothing is written after one. */
  write(batch: Batch): Promise<void>
  close(): Promise<void>
}

const FLUSH_MS = 20
/** Four minutes of a line that says something every millisecond, while a disk hangs. */
const MAX_LINES = 1 << 18

/**
 * Writes what a memory holds to its files, every 20 ms. It reads like any other reader, and is never waited for: a disk
 * so slow that it falls behind the memory loses what it missed, and the index says so.
 */
export class Flusher {
  readonly #memory: Memory
  readonly #target: Target
  readonly #onError: (error: unknown) => void
  #written: number
  #lines: IndexLine[] = []
  #lastArrivalMs = -1
  readonly #clock: Clock
  #timer: Disposable | undefined
  #writing: Promise<void> | undefined
  #broken = false

  constructor(memory: Memory, target: Target, onError: (error: unknown) => void, clock: Clock = systemClock) {
    this.#clock = clock
    this.#memory = memory
    this.#target = target
    this.#onError = onError
    this.#written = memory.end
  }

  /** What is older was taken, or will never be. */
  get neededFrom(): number {
    return this.#broken ? Infinity : this.#written
  }

  /** Bytes that begin at an offset are in the memory, or soon will be. */
  arrived(offset: number, atMs: number): void {
    // One line for all that came in the same millisecond says as much, and keeps the index small.
    if (atMs !== this.#lastArrivalMs) this.#add([offset, atMs])
    this.#lastArrivalMs = atMs
    if (this.#timer === undefined && !this.#writing) this.#schedule()
  }

  mark(mark: Mark): void {
    this.#add(mark)
    this.#lastArrivalMs = -1
    if (this.#timer === undefined && !this.#writing) this.#schedule()
  }

  /** Resolves when all that is in the memory now was handed to the kernel, or cannot be. */
  async flush(): Promise<void> {
    while (this.#writing) await this.#writing
    if (this.#pending) await this.#write()
  }

  async close(): Promise<void> {
    await this.flush()
    this.#broken = true
    await this.#target.close().catch(() => {})
  }

  get #pending(): boolean {
    return !this.#broken && (this.#lines.length > 0 || this.#written < this.#memory.end)
  }

  #add(line: IndexLine): void {
    if (this.#broken) return
    if (this.#lines.length === MAX_LINES) this.#lines = []
    this.#lines.push(line)
  }

  #schedule(): void {
    if (!this.#pending) return
    this.#timer = this.#clock.after(FLUSH_MS, () => void this.#write())
  }

  /** Writes what is there; what comes meanwhile is for the next time. Never throws. */
  async #write(): Promise<void> {
    this.#timer?.[Symbol.dispose]()
    this.#timer = undefined
    this.#writing = inTurn(async () => await this.#target.write(this.#take())).catch((error: unknown) => {
      this.#broken = true
      this.#lines = []
      this.#onError(error)
    })
    await this.#writing
    this.#writing = undefined
    this.#schedule()
  }

  /** All that is there now, which begins with an index line of its own. */
  #take(): Batch {
    const { begin, end } = this.#memory
    const lines = this.#lines
    const from = this.#written
    this.#lines = []
    this.#lastArrivalMs = -1
    this.#written = end
    // The line of the first byte is missing when the lines were too many; the byte itself, when the bytes were.
    const first = lines.find(isArrival)
    const kept = from === end ? end : Math.max(from, begin, first?.[0] ?? end)
    if (kept === from) return { offset: from, bytes: this.#memory.views(from, end), lines }
    const gap = { gap: `the disk was too slow: ${humanSize(kept - from)} are missing`, offset: kept, atMs: 0 }
    const later = lines.filter(line => offsetOf(line) >= kept)
    const before = lines.findLast((line): line is Arrival => isArrival(line) && line[0] <= kept)
    const atMs = before?.[1] ?? timeOf(later[0] ?? [0, 0])
    const whole: IndexLine[] = [{ ...gap, atMs }, ...(before ? [[kept, atMs] as const] : []), ...later]
    return { offset: kept, bytes: this.#memory.views(kept, end), lines: whole }
  }
}
