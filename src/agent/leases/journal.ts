import { dirname } from 'node:path'
import { diskFault } from '../../base/disk.ts'
import { Fault } from '../../base/fault.ts'
import { replay } from '../../model/lease/book.ts'
import { EMPTY_BOOK, type Book, type Held, type LeaseEvent, type Usage } from '../../model/lease/words.ts'
import { hostDisk, type BookDisk } from './book-disk.ts'

const NEWLINE = 0x0a

/**
 * The lease book on disk: a first line with a book, then what happened since, a line a write, then empty lines.
 *
 * What `append` resolved for is on the disk and survives a kill and a power cut. All that comes while the disk is busy is
 * written and synced at once: one sync for many, into room that the file has already, so that the disk has nothing to note but
 * the bytes. Where that room ends the file is made anew from the book that all adds up to.
 */
export class Journal implements AsyncDisposable {
  readonly #path: string
  readonly #book: () => Book
  readonly #disk: BookDisk
  #fd = -1
  /** Where the next line goes, and where the empty ones end. */
  #offset = 0
  #endOffset = 0
  #events: string[] = []
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
    if (events.length > 0) this.#events.push(JSON.stringify(events).slice(1, -1))
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
      const events = this.#events
      this.#waiting = []
      this.#events = []
      try {
        // What is in the events is in the book as well.
        if (this.#broken || this.#offset >= this.#endOffset) this.#renew()
        else if (events.length > 0) await this.#write(Buffer.from(`[${events.join(',')}]\n`))
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

  /** Makes the file anew from the book as it is now, where the disk has none to spare without room for more. */
  #renew(): void {
    try {
      this.#makeWith(this.#disk.aheadBytes)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
      this.#makeWith(0)
    }
  }

  #makeWith(aheadBytes: number): void {
    const fresh = `${this.#path}.new`
    const disk = this.#disk
    const fd = disk.create(fresh)
    try {
      const line = Buffer.from(`${JSON.stringify({ version: 3, book: this.#book() })}\n`)
      const bytes = Buffer.concat([line, Buffer.alloc(aheadBytes, NEWLINE)])
      for (let done = 0; done < bytes.length;) done += disk.writeNow(fd, bytes, done)
      disk.sync(fd)
      disk.rename(fresh, this.#path)
      disk.syncFolder(dirname(this.#path))
      this.#offset = line.length
      this.#endOffset = bytes.length
    } catch (error) {
      disk.close(fd)
      throw error
    }
    if (this.#fd >= 0) disk.close(this.#fd)
    this.#fd = fd
    this.#broken = false
  }
}

/**
 * The book kept at a path; an empty one where there is none yet. A last line that is not whole, pieces of it that a power cut
 * left included, was never acknowledged and is dropped. Errors: `configuration/lease-book`, with a line that is damaged.
 */
export function readBook(path: string, disk = hostDisk): Book {
  let text: string
  try {
    text = disk.read(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return EMPTY_BOOK
    throw diskFault(error)
  }
  const lines = text.split('\n').flatMap((line, index) => (line === '' ? [] : { line, number: index + 1 }))
  const [head, ...rest] = lines
  if (!head) return EMPTY_BOOK
  const found = rest.map(({ line, number }) => ({ events: eventsIn(line), number }))
  const torn = found.findIndex(({ events }) => events === undefined)
  const whole = torn < 0 ? found : found.slice(0, torn)
  try {
    if (whole.length < found.length && found.slice(torn).some(({ events }) => events))
      throw new Error(`line ${found[torn]!.number} is damaged`)
    return replay(
      whole.flatMap(({ events }) => events ?? []),
      bookIn(head.line),
    )
  } catch (cause) {
    throw new Fault('configuration/lease-book', {
      expected: `a lease book at ${path}`,
      seen: (cause as Error).message,
      cause,
    })
  }
}

/** The book of a first line. Errors: one of a version that is not known. */
function bookIn(line: string): Book {
  const { version, book } = JSON.parse(line) as { version: number; book: Book }
  if (version === 3) return book
  if (version !== 1 && version !== 2) throw new Error(`version ${version}`)
  // The first had no empty lines behind; both had leases by id, and use by user.
  const { held, usage, ...same } = book as unknown as Pick<Book, 'boards' | 'queue'> & {
    readonly held: Record<string, Held>
    readonly usage: Record<string, Omit<Usage, 'user'>>
  }
  const used = Object.entries(usage).map(([user, had]) => ({ user, ...had }))
  return { ...same, held: Object.values(held), usage: used }
}

/** The events of a whole line. */
function eventsIn(line: string): readonly LeaseEvent[] | undefined {
  try {
    const events: unknown = JSON.parse(line)
    return Array.isArray(events) ? events : undefined
  } catch {
    return undefined
  }
}
