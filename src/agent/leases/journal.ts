import { dirname } from 'node:path'
import { diskFault, isFull } from '../../base/disk.ts'
import type { Book, LeaseEvent } from '../../model/lease/words.ts'
import { hostDisk, type BookDisk } from './book-disk.ts'
import { filesOf, lineOf, NOT_ITS_TURN, type FoundBook } from './read-book.ts'

const NEWLINE = 0x0a

/** A file is emptied in pieces of this size: whoever has to write to the other meanwhile waits for one of them only. */
const PIECE_BYTES = 64 << 10

const SECTOR_BYTES = 512

/** One of the two files. */
interface Room {
  readonly path: string
  readonly fd: number
  readonly sizeBytes: number
}

/**
 * The lease book on disk, in two files in turn: a first line with a book and how often they took turns before, then what
 * happened since, a line a write, then empty lines.
 *
 * What `append` resolved for is on the disk and survives a kill and a power cut. All that comes while the disk is busy is
 * written and synced at once: one sync for many, into room that the file has already, so that the disk has nothing to note but
 * the bytes. Where that room ends the book that all adds up to goes to the other file, which was emptied in good time. So
 * none is made, renamed or removed while anybody waits, nor needed where the disk is full by then.
 */
export class Journal implements AsyncDisposable {
  readonly #paths: readonly [string, string]
  readonly #book: () => Book
  readonly #disk: BookDisk
  #turn: number
  #file: Room
  /** Where the next line goes. */
  #offset = 0
  /** The other file, empty; undefined where the disk has no room for one. */
  #next: Promise<Room | undefined>
  #events: string[] = []
  #waiting: PromiseWithResolvers<void>[] = []
  #busy: Promise<void> | undefined
  #broken = false

  /** `found`: the book as it was kept; `book`: with all events appended since. Errors: a disk that cannot keep it. */
  constructor(path: string, found: FoundBook, book: () => Book, disk = hostDisk) {
    this.#paths = filesOf(path)
    this.#book = book
    this.#disk = disk
    this.#turn = found.turn
    try {
      disk.makeFolder(dirname(path))
      this.#file = this.#renew(found.path)
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
    this.#close(await this.#next)
    this.#close(this.#file)
  }

  async #drain(): Promise<void> {
    // Not before `#busy` is set. Who comes while the first is written goes together with the others.
    await Promise.resolve()
    while (this.#waiting.length > 0) {
      const line = Buffer.from(this.#events.length > 0 ? `[${this.#events.join(',')}]\n` : '')
      const isOver = this.#broken || this.#offset + line.length > this.#file.sizeBytes
      const next = isOver ? await this.#next : undefined
      const waiting = this.#waiting
      this.#waiting = []
      // What is in the events is in the book as well.
      this.#events = []
      try {
        if (isOver) await this.#turnOver(next)
        else await this.#write(line)
        for (const { resolve } of waiting) resolve()
      } catch (cause) {
        this.#broken = true
        for (const { reject } of waiting) reject(diskFault(cause))
      }
    }
    this.#busy = undefined
  }

  async #write(bytes: Buffer): Promise<void> {
    await this.#put(this.#file.fd, bytes, this.#offset)
    this.#offset += bytes.length
  }

  async #put(fd: number, bytes: Buffer, at: number): Promise<void> {
    for (let done = 0; done < bytes.length;) done += await this.#disk.write(fd, bytes, done, at + done)
  }

  /** Goes on in another file, with the book as it is now. Nothing is written to this one any more, come what may. */
  async #turnOver(next: Room | undefined): Promise<void> {
    this.#next = Promise.resolve(undefined)
    const before = this.#file
    const line = this.#head()
    const leftBytes = next ? next.sizeBytes - line.length : -1
    try {
      const isTight = leftBytes < this.#disk.aheadBytes / 2
      const room = isTight ? this.#renew(before.path, leftBytes < 0 ? undefined : next) : next!
      if (room !== next) this.#close(next)
      else {
        await this.#put(room.fd, line, 0)
        this.#offset = line.length
      }
      this.#file = room
    } catch (error) {
      this.#close(next)
      throw error
    }
    this.#broken = false
    this.#next = this.#prepare(before)
  }

  /** A first line. Each has a turn of its own, one that was refused included: who reads takes the last that is whole. */
  #head(): Buffer {
    return lineOf(this.#book(), ++this.#turn)
  }

  /** Empties the file of before; makes a larger one in its place where that will be needed, unless the disk refuses. */
  async #prepare(before?: Room): Promise<Room | undefined> {
    const { aheadBytes } = this.#disk
    // The book may have grown by then.
    const sizeBytes = 2 * this.#offset + aheadBytes
    const isLarge = before !== undefined && before.sizeBytes >= sizeBytes - aheadBytes / 2
    // Where there was no room for more than the book itself, there is none for another.
    const made = isLarge || this.#offset >= this.#file.sizeBytes ? undefined : await this.#make(sizeBytes)
    if (before && !made)
      try {
        await this.#empty(before)
        return before
      } catch {
        // It may be told again when somebody has to wait for it.
      }
    this.#close(before)
    return made
  }

  async #empty({ fd, sizeBytes }: Pick<Room, 'fd' | 'sizeBytes'>): Promise<void> {
    // What stands after a first line that is empty counts no more, and so little is written whole or not at all.
    await this.#put(fd, Buffer.alloc(Math.min(SECTOR_BYTES, sizeBytes), NEWLINE), 0)
    for (let at = 0; at < sizeBytes; at += PIECE_BYTES)
      await this.#put(fd, Buffer.alloc(Math.min(PIECE_BYTES, sizeBytes - at), NEWLINE), at)
    await this.#put(fd, NOT_ITS_TURN, 0)
  }

  /** An empty file in the place of the other. */
  async #make(sizeBytes: number): Promise<Room | undefined> {
    let fd: number | undefined
    try {
      fd = this.#disk.create(this.#fresh)
      await this.#empty({ fd, sizeBytes })
      return { fd, sizeBytes, path: this.#place(fd, this.#file.path) }
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

  /** Makes the other file anew at once: where the disk is full without room for more, unless there is another. */
  #renew(present: string | undefined, other?: Room): Room {
    try {
      return this.#makeWith(this.#disk.aheadBytes, present)
    } catch (error) {
      if (!isFull(error)) throw error
      return other ?? this.#makeWith(0, present)
    }
  }

  #makeWith(aheadBytes: number, present: string | undefined): Room {
    const disk = this.#disk
    const fd = disk.create(this.#fresh)
    try {
      const line = this.#head()
      const bytes = Buffer.concat([line, Buffer.alloc(aheadBytes, NEWLINE)])
      for (let done = 0; done < bytes.length;) done += disk.writeNow(fd, bytes, done)
      const path = this.#place(fd, present)
      this.#offset = line.length
      return { fd, path, sizeBytes: bytes.length }
    } catch (error) {
      disk.close(fd)
      throw error
    }
  }

  /** Gives a file that is whole the name that the present one has not. */
  #place(fd: number, present: string | undefined): string {
    const [first, second] = this.#paths
    const path = present === first ? second : first
    this.#disk.sync(fd)
    this.#disk.rename(this.#fresh, path)
    this.#disk.syncFolder(dirname(path))
    return path
  }

  #close(room: Room | undefined): void {
    try {
      if (room) this.#disk.close(room.fd)
    } catch {
      // Whatever was told of it is on the disk.
    }
  }

  get #fresh(): string {
    return `${this.#paths[0]}.new`
  }
}
