import { diskFault } from '../../base/disk.ts'
import type { Clock } from '../../base/time.ts'
import type { Book, LeaseEvent } from '../../model/lease/words.ts'
import { hostDisk, type BookDisk } from './book-disk.ts'
import { BookFiles } from './book-files.ts'
import { entryOf, NOTHING_SAFE, type FoundBook } from './read-book.ts'

/** What comes within this time is brought to the disk at once. */
const GATHER_MS = 5
/** Nobody is answered while the disk has been behind for longer, or by more: that is what a loss of power may take. */
const BEHIND_MS = 1000
export const BEHIND_BYTES = 2 << 20

interface JournalOptions {
  readonly clock: Clock
  readonly disk?: BookDisk | undefined
  /** The disk refused what was written before: the next `append` keeps all anew. Must not throw. */
  readonly onRefused?: (error: unknown) => void
}

/**
 * The lease book on disk. What `append` resolved for survives a kill of this process, and a loss of power a moment later: it is
 * in the host's memory at once, and on the disk when that has taken it.
 */
export class Journal implements AsyncDisposable {
  readonly #files: BookFiles
  readonly #clock: Clock
  readonly #onRefused: (error: unknown) => void
  #events: string[] = []
  #waiting: PromiseWithResolvers<void>[] = []
  /** Whether a board is among the events that is new: its numbers begin in this book, and are known nowhere else. */
  #mustLast = false
  #busy: Promise<void> | undefined
  /** Never rejects. */
  #syncing: Promise<void> | undefined
  /** What the disk said last; undefined: it takes what it is given. */
  #refusal: unknown
  /** Whether somebody waits for all to be synced: then nothing is gathered. */
  #isAwaited = false
  /** Ends the time in which lines are gathered to be synced. */
  #gathering = new AbortController()
  /** How many lines there are in all files; up to which of them all is known to be on the disk; which is the first of this file. */
  #lines = 0
  #safe = 0
  #first = 0
  #behindBytes = 0
  /** When the first line was written that may not be on the disk. */
  #behindSinceMs = Infinity

  /** `found`: the book as it was kept; `book`: with all events appended since. Errors: a disk that cannot keep it. */
  constructor(path: string, found: FoundBook, book: () => Book, options: JournalOptions) {
    const { clock, disk = hostDisk, onRefused = () => undefined } = options
    this.#clock = clock
    this.#onRefused = onRefused
    try {
      this.#files = new BookFiles(path, found, book, disk)
    } catch (cause) {
      throw diskFault(cause)
    }
  }

  /** Whether the disk refused something. */
  get broken(): boolean {
    return this.#refusal !== undefined
  }

  /**
   * Resolves when these events, and all before them, are kept. Errors: `infrastructure/disk-full`; the next call then keeps the
   * whole book, if there is room again.
   */
  append(events: readonly LeaseEvent[]): Promise<void> {
    const waiting = Promise.withResolvers<void>()
    this.#waiting.push(waiting)
    if (events.length > 0) this.#events.push(JSON.stringify(events).slice(1, -1))
    this.#mustLast ||= events.some(({ type }) => type === 'bench')
    this.#busy ??= this.#drain()
    return waiting.promise
  }

  /** All that was kept is on the disk then. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#busy
    await this.#synced()
    if (this.broken) await this.append([]).catch(() => undefined)
    await this.#files[Symbol.asyncDispose]()
  }

  async #drain(): Promise<void> {
    // Not before `#busy` is set. Who comes in the same moment goes together.
    await Promise.resolve()
    while (this.#waiting.length > 0) {
      if (this.#isBehind) await this.#synced()
      const line = this.#events.length > 0 ? this.#entry() : undefined
      const isOver = this.broken || (line !== undefined && !this.#files.hasRoomFor(line))
      const next = isOver ? await this.#files.next : undefined
      // That may have taken long.
      if (isOver && this.#isBehind) await this.#synced()
      // From here to the book that goes into the other file nothing may come in between: it would be in both.
      const waiting = this.#waiting
      this.#waiting = []
      // What is in the events is in the book as well.
      this.#events = []
      const mustLast = this.#mustLast
      this.#mustLast = false
      try {
        if (isOver) await this.#turnOver(next, line?.length ?? 0)
        else if (line) this.#write(line)
        if (mustLast) await this.#mustBeSynced()
        for (const { resolve } of waiting) resolve()
      } catch (cause) {
        this.#refusal = cause
        for (const { reject } of waiting) reject(diskFault(cause))
      }
    }
    this.#busy = undefined
  }

  #write(line: Buffer): void {
    this.#files.write(line)
    this.#lines++
    this.#fallBehind(line.length)
  }

  #fallBehind(bytes: number): void {
    this.#behindBytes += bytes
    this.#behindSinceMs = Math.min(this.#behindSinceMs, this.#clock.ticksMs())
    this.#syncing ??= this.#sync()
  }

  /** The next line. */
  #entry(): Buffer {
    return entryOf(this.#lines + 1 - this.#first, Math.max(NOTHING_SAFE, this.#safe - this.#first), this.#events)
  }

  /** `bytes`: of what happened since the last line and before the wait for `next`, which the book has. */
  async #turnOver(next: Awaited<BookFiles['next']>, bytes: number): Promise<void> {
    const isSafe = await this.#files.turnOver(next, this.broken)
    this.#first = ++this.#lines
    if (!isSafe) return this.#fallBehind(bytes)
    this.#safe = this.#lines
    this.#behindBytes = 0
    this.#behindSinceMs = Infinity
    this.#refusal = undefined
  }

  get #isBehind(): boolean {
    return this.#behindBytes > BEHIND_BYTES || this.#clock.ticksMs() - this.#behindSinceMs > BEHIND_MS
  }

  /** Resolves when all that is written is on the disk, or was refused. */
  async #synced(): Promise<void> {
    this.#isAwaited = true
    this.#gathering.abort()
    await this.#syncing
    this.#isAwaited = false
  }

  /** The same. Errors: what the disk said. */
  async #mustBeSynced(): Promise<void> {
    await this.#synced()
    if (this.broken) throw this.#refusal
  }

  /** Brings to the disk what is written, until there is nothing left. */
  async #sync(): Promise<void> {
    try {
      while (this.#safe < this.#lines) {
        if (!this.#isAwaited) await this.#gather()
        const lines = this.#lines
        const bytes = this.#behindBytes
        const atMs = this.#clock.ticksMs()
        await this.#files.sync()
        // Meanwhile another file may have all of it.
        if (lines <= this.#safe) continue
        this.#safe = lines
        this.#behindBytes -= bytes
        this.#behindSinceMs = this.#safe < this.#lines ? atMs : Infinity
      }
    } catch (error) {
      this.#refusal = error
      this.#onRefused(error)
    } finally {
      this.#syncing = undefined
    }
  }

  async #gather(): Promise<void> {
    this.#gathering = new AbortController()
    await this.#clock.sleep(GATHER_MS, this.#gathering.signal).catch(() => undefined)
  }
}
