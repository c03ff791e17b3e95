import { dirname } from 'node:path'
import { diskFault } from '../../base/disk.ts'
import { Fault } from '../../base/fault.ts'
import { replay } from '../../model/lease/book.ts'
import { EMPTY_BOOK, type Book, type LeaseEvent } from '../../model/lease/words.ts'
import { hostDisk, type BookDisk } from './book-disk.ts'

/** So many events are kept one by one before the file is made anew from the book they add up to. */
const FRESH_AFTER_EVENTS = 5000

/**
 * The lease book on disk: a first line with a book, then what happened since, a line a batch.
 *
 * What `append` resolved for is on the disk and survives a kill and a power cut. All that comes while the disk is busy is
 * written and synced at once: one sync for many. A last line without its end was never acknowledged, and is dropped.
 */
export class Journal implements AsyncDisposable {
  readonly #path: string
  readonly #book: () => Book
  readonly #disk: BookDisk
  #fd = -1
  #events = 0
  #offset = 0
  #lines: string[] = []
  #waiting: PromiseWithResolvers<void>[] = []
  #busy: Promise<void> | undefined
  #broken = false

  /** `book`: all events appended so far, the newest included. Errors: a disk that cannot keep it. */
  constructor(path: string, book: () => Book, disk = hostDisk) {
    this.#path = path
    this.#book = book
    this.#disk = disk
    try {
      disk.makeFolder(dirname(path))
      this.#renew()
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
    if (events.length > 0) this.#lines.push(JSON.stringify(events))
    this.#events += events.length
    this.#busy ??= this.#drain()
    return waiting.promise
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#busy
    this.#disk.close(this.#fd)
  }

  async #drain(): Promise<void> {
    // Not before `#busy` is set. Who comes while the first is written goes together with the others.
    await Promise.resolve()
    while (this.#waiting.length > 0) {
      const waiting = this.#waiting
      const lines = this.#lines
      this.#waiting = []
      this.#lines = []
      try {
        // What is in the lines is in the book as well.
        if (this.#broken || this.#events >= FRESH_AFTER_EVENTS) this.#renew()
        else if (lines.length > 0) await this.#write(Buffer.from(`${lines.join('\n')}\n`))
        for (const { resolve } of waiting) resolve()
      } catch (cause) {
        this.#broken = true
        for (const { reject } of waiting) reject(diskFault(cause))
      }
    }
    this.#busy = undefined
  }

  async #write(bytes: Buffer): Promise<void> {
    const at = this.#offset
    for (let done = 0; done < bytes.length;) done += await this.#disk.write(this.#fd, bytes, done, at + done)
    this.#offset = at + bytes.length
  }

  /** Makes the file anew from the book as it is now. */
  #renew(): void {
    const fresh = `${this.#path}.new`
    const disk = this.#disk
    const fd = disk.create(fresh)
    try {
      const line = Buffer.from(`${JSON.stringify({ version: 1, book: this.#book() })}\n`)
      for (let done = 0; done < line.length;) done += disk.writeNow(fd, line, done)
      disk.sync(fd)
      disk.rename(fresh, this.#path)
      disk.syncFolder(dirname(this.#path))
      this.#offset = line.length
    } catch (error) {
      disk.close(fd)
      throw error
    }
    if (this.#fd >= 0) disk.close(this.#fd)
    this.#fd = fd
    this.#events = 0
    this.#broken = false
  }
}

/** The book kept at a path; an empty one where there is none yet. Errors: `configuration/lease-book`. */
export function readBook(path: string, disk = hostDisk): Book {
  let text: string
  try {
    text = disk.read(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return EMPTY_BOOK
    throw diskFault(error)
  }
  const lines = text.split('\n')
  // Behind the last end of a line there is nothing, or what nobody was ever told of.
  lines.pop()
  const [head, ...rest] = lines
  if (head === undefined) return EMPTY_BOOK
  let line = 1
  try {
    const { version, book } = JSON.parse(head) as { version: number; book: Book }
    if (version !== 1) throw new Error(`version ${version}`)
    const events = rest.flatMap(text => {
      line++
      return JSON.parse(text) as LeaseEvent[]
    })
    return replay(events, book)
  } catch (cause) {
    throw new Fault('configuration/lease-book', {
      expected: `a lease book at ${path}`,
      seen: `line ${line}: ${(cause as Error).message}`,
      cause,
    })
  }
}
