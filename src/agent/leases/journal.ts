import { diskFault } from '../../base/disk.ts'
import type { Book, LeaseEvent } from '../../model/lease/words.ts'
import { hostDisk } from './book-disk.ts'
import { BookFiles } from './book-files.ts'
import type { FoundBook } from './read-book.ts'

/**
 * The lease book on disk. What `append` resolved for survives a kill and a power cut. All that comes while the disk is busy is
 * written and synced at once: one sync for many.
 */
export class Journal implements AsyncDisposable {
  readonly #files: BookFiles
  #events: string[] = []
  #waiting: PromiseWithResolvers<void>[] = []
  #busy: Promise<void> | undefined
  #broken = false

  /** `found`: the book as it was kept; `book`: with all events appended since. Errors: a disk that cannot keep it. */
  constructor(path: string, found: FoundBook, book: () => Book, disk = hostDisk) {
    try {
      this.#files = new BookFiles(path, found, book, disk)
    } catch (cause) {
      throw diskFault(cause)
    }
  }

  /** Whether the disk refused something. */
  get broken(): boolean {
    return this.#broken
  }

  /**
   * Resolves when these events, and all before them, are on the disk. Errors: `infrastructure/disk-full`; the next call
   * then keeps the whole book, if there is room again.
   */
  append(events: readonly LeaseEvent[]): Promise<void> {
    const waiting = Promise.withResolvers<void>()
    this.#waiting.push(waiting)
    if (events.length > 0) this.#events.push(JSON.stringify(events).slice(1, -1))
    this.#busy ??= this.#drain()
    return waiting.promise
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#busy
    await this.#files[Symbol.asyncDispose]()
  }

  async #drain(): Promise<void> {
    // Not before `#busy` is set. Who comes while the first is written goes together with the others.
    await Promise.resolve()
    while (this.#waiting.length > 0) {
      const line = Buffer.from(this.#events.length > 0 ? `[${this.#events.join(',')}]\n` : '')
      const isOver = this.#broken || !this.#files.hasRoomFor(line)
      const next = isOver ? await this.#files.next : undefined
      const waiting = this.#waiting
      this.#waiting = []
      // What is in the events is in the book as well.
      this.#events = []
      try {
        if (isOver) await this.#files.turnOver(next)
        else await this.#files.write(line)
        this.#broken = false
        for (const { resolve } of waiting) resolve()
      } catch (cause) {
        this.#broken = true
        for (const { reject } of waiting) reject(diskFault(cause))
      }
    }
    this.#busy = undefined
  }
}
