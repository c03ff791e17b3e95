import { dirname } from 'node:path'
import { diskFault } from '../../base/disk.ts'
import type { Book, LeaseEvent } from '../../model/lease/words.ts'
import { hostDisk, type BookDisk } from './book-disk.ts'
import { lineOf } from './read-book.ts'

const NEWLINE = 0x0a

/** The room of a file to come is written in pieces of this size: whoever has to write meanwhile waits for one of them only. */
const PIECE_BYTES = 64 << 10

/** A file with nothing but empty lines. */
interface Room {
  readonly fd: number
  readonly sizeBytes: number
}

/**
 * The lease book on disk: a first line with a book, then what happened since, a line a write, then empty lines.
 *
 * What `append` resolved for is on the disk and survives a kill and a power cut. All that comes while the disk is busy is
 * written and synced at once: one sync for many, into room that the file has already, so that the disk has nothing to note but
 * the bytes. Where that room ends the book that all adds up to goes to a new file, which was given its room in good time.
 */
export class Journal implements AsyncDisposable {
  readonly #path: string
  readonly #book: () => Book
  readonly #disk: BookDisk
  #fd = -1
  /** Where the next line goes, and where the empty ones end. */
  #offset = 0
  #endOffset = 0
  /** What comes next; undefined where the disk has no room for it. */
  #next: Promise<Room | undefined>
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
    this.#next = this.#prepare()
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
    const next = await this.#next
    if (next) this.#disk.close(next.fd)
    this.#disk.close(this.#fd)
  }

  async #drain(): Promise<void> {
    // Not before `#busy` is set. Who comes while the first is written goes together with the others.
    await Promise.resolve()
    while (this.#waiting.length > 0) {
      const isOver = this.#broken || this.#offset >= this.#endOffset
      const next = isOver ? await this.#next : undefined
      const waiting = this.#waiting
      const events = this.#events
      this.#waiting = []
      this.#events = []
      try {
        // What is in the events is in the book as well.
        if (isOver) await this.#turnOver(next)
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
    await this.#put(this.#fd, bytes, this.#offset)
    this.#offset += bytes.length
  }

  async #put(fd: number, bytes: Buffer, at: number): Promise<void> {
    for (let done = 0; done < bytes.length;) done += await this.#disk.write(fd, bytes, done, at + done)
  }

  /** Goes on in the next file, with the book as it is now. */
  async #turnOver(next: Room | undefined): Promise<void> {
    this.#next = Promise.resolve(undefined)
    const line = lineOf(this.#book())
    const { aheadBytes } = this.#disk
    if (next && line.length + aheadBytes / 2 <= next.sizeBytes) {
      try {
        await this.#put(next.fd, line, 0)
        this.#take(next, line.length)
      } catch (error) {
        this.#disk.close(next.fd)
        throw error
      }
    } else {
      if (next) this.#disk.close(next.fd)
      this.#renew()
    }
    this.#next = this.#prepare()
  }

  /** Makes the file that comes after this one, or none where the disk refuses: it is asked again when one is needed. */
  async #prepare(): Promise<Room | undefined> {
    const disk = this.#disk
    // It had no room for more than the book itself.
    if (this.#offset >= this.#endOffset) return undefined
    // The book may have grown by then.
    const sizeBytes = 2 * this.#offset + disk.aheadBytes
    let fd: number | undefined
    try {
      fd = disk.create(this.#fresh)
      for (let at = 0; at < sizeBytes; at += PIECE_BYTES)
        await this.#put(fd, Buffer.alloc(Math.min(PIECE_BYTES, sizeBytes - at), NEWLINE), at)
      return { fd, sizeBytes }
    } catch {
      this.#giveBack(fd)
      return undefined
    }
  }

  /** A full disk is not to be filled with what cannot be used. */
  #giveBack(fd: number | undefined): void {
    try {
      if (fd !== undefined) this.#disk.close(fd)
      this.#disk.close(this.#disk.create(this.#fresh))
    } catch {
      // It may be told again when somebody has to wait for it.
    }
  }

  /** Makes the file anew at once, where the disk has none to spare without room for more. */
  #renew(): void {
    try {
      this.#makeWith(this.#disk.aheadBytes)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
      this.#makeWith(0)
    }
  }

  #makeWith(aheadBytes: number): void {
    const disk = this.#disk
    const fd = disk.create(this.#fresh)
    try {
      const line = lineOf(this.#book())
      const bytes = Buffer.concat([line, Buffer.alloc(aheadBytes, NEWLINE)])
      for (let done = 0; done < bytes.length;) done += disk.writeNow(fd, bytes, done)
      this.#take({ fd, sizeBytes: bytes.length }, line.length)
    } catch (error) {
      disk.close(fd)
      throw error
    }
  }

  /** From now on the book is in this file. */
  #take({ fd, sizeBytes }: Room, offset: number): void {
    const disk = this.#disk
    disk.sync(fd)
    disk.rename(this.#fresh, this.#path)
    disk.syncFolder(dirname(this.#path))
    if (this.#fd >= 0) disk.close(this.#fd)
    this.#fd = fd
    this.#offset = offset
    this.#endOffset = sizeBytes
    this.#broken = false
  }

  get #fresh(): string {
    return `${this.#path}.new`
  }
}
