import { dirname } from 'node:path'
import { isFull } from '../../base/disk.ts'
import type { Book } from '../../model/lease/words.ts'
import type { BookDisk } from './book-disk.ts'
import { filesOf, lineOf, NOT_ITS_TURN, type FoundBook } from './read-book.ts'

const NEWLINE = 0x0a

/** A file is emptied in pieces of this size: whoever has something else to do meanwhile waits for one of them only. */
const PIECE_BYTES = 512 << 10
/** So much a disk writes whole or not at all. */
const SECTOR_BYTES = 512

/** A file with room in it. */
interface Room {
  readonly fd: number
  readonly sizeBytes: number
}

/** One of the two. */
export interface BookFile extends Room {
  readonly path: string
}

/**
 * The two files of a lease book, which take turns: a first line with a book and how many turns there were, then what happened
 * since, a line a write, then empty lines. A first line is on the disk before the other file is emptied.
 *
 * A file has its room before it is written to, so that the disk has nothing to note but the bytes. Where that ends the book that
 * all adds up to goes to the other file, which was emptied in good time: none is made, renamed or removed while anybody waits,
 * nor needed where the disk is full by then, nor is the disk waited for once it has the last turn. Errors of all: what the
 * system says.
 */
export class BookFiles implements AsyncDisposable {
  readonly #paths: readonly [string, string]
  readonly #book: () => Book
  readonly #disk: BookDisk
  #turn: number
  #file: BookFile
  /** How long its first line is, and where the next one goes. */
  #headBytes = 0
  #offset = 0
  /** The other file, empty; undefined where the disk has no room for one. Never rejects. */
  #next: Promise<BookFile | undefined>
  /** The other file, while it is needed: until the first line of this one is on the disk. */
  #old: { readonly file: BookFile; readonly emptied: PromiseWithResolvers<BookFile | undefined> } | undefined
  /** Ends with the last sync, and never rejects. */
  #idle = Promise.resolve()

  /** `found`: the book as it was kept; `book`: as it is now. */
  constructor(path: string, found: FoundBook, book: () => Book, disk: BookDisk) {
    this.#paths = filesOf(path)
    this.#book = book
    this.#disk = disk
    this.#turn = found.turn
    disk.makeFolder(dirname(path))
    this.#file = this.#renew(found.path)
    this.#next = this.#prepare()
  }

  hasRoomFor(line: Buffer): boolean {
    return this.#offset + line.length <= this.#file.sizeBytes
  }

  /** The line survives this process from now on, and a loss of power once it is synced. */
  write(line: Buffer): void {
    this.#put(this.#file.fd, line, this.#offset)
    this.#offset += line.length
  }

  /** Resolves when all lines written before are on the disk. One at a time. */
  async sync(): Promise<void> {
    const file = this.#file
    const synced = this.#disk.sync(file.fd)
    this.#idle = synced.catch(() => undefined)
    try {
      await synced
    } catch (error) {
      this.#giveUpOld()
      throw error
    }
    const old = this.#old
    if (!old || file !== this.#file) return
    this.#old = undefined
    old.emptied.resolve(this.#prepare(old.file))
  }

  /** What `turnOver` takes, once it is ready. */
  get next(): Promise<BookFile | undefined> {
    return this.#next
  }

  /**
   * Goes on in another file, with the book as it is when this is called; resolves to whether that is on the disk already: it is
   * where `mustLast`, and where no file was ready. Nothing is written to this one any more, come what may.
   */
  async turnOver(next: BookFile | undefined, mustLast: boolean): Promise<boolean> {
    this.#next = Promise.resolve(undefined)
    const before = this.#file
    const line = this.#head()
    const leftBytes = next ? next.sizeBytes - line.length : -1
    try {
      const isTight = leftBytes < this.#disk.aheadBytes / 2
      const file = isTight ? this.#renew(before.path, leftBytes < 0 ? undefined : next) : next!
      if (file === next) {
        this.#put(file.fd, line, 0)
        if (mustLast) await this.#disk.sync(file.fd)
        this.#headBytes = this.#offset = line.length
      } else this.#close(next)
      this.#file = file
      if (file === next && !mustLast) {
        this.#old = { file: before, emptied: Promise.withResolvers() }
        this.#next = this.#old.emptied.promise
        return false
      }
    } catch (error) {
      this.#close(next)
      throw error
    }
    this.#next = this.#idle.then(() => this.#prepare(before))
    return true
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#giveUpOld()
    this.#close(await this.#next)
    this.#close(this.#file)
  }

  /** It stays as it is: the disk may have no first line but its. */
  #giveUpOld(): void {
    this.#close(this.#old?.file)
    this.#old?.emptied.resolve(undefined)
    this.#old = undefined
  }

  /** A first line. Each has a turn of its own, one that was refused included: who reads takes the last that is whole. */
  #head(): Buffer {
    return lineOf(this.#book(), ++this.#turn)
  }

  #put(fd: number, bytes: Buffer, at: number): void {
    for (let done = 0; done < bytes.length;) done += this.#disk.write(fd, bytes, done, at + done)
  }

  /** Empties the file of before; makes a larger one in its place where that will be needed, unless the disk refuses. */
  async #prepare(before?: BookFile): Promise<BookFile | undefined> {
    const { aheadBytes } = this.#disk
    // The book may have grown by then.
    const sizeBytes = 2 * this.#headBytes + aheadBytes
    const isLarge = before !== undefined && before.sizeBytes >= sizeBytes - aheadBytes / 2
    // Where there was no room for more than the book itself, there is none for another.
    const fresh = isLarge || this.#headBytes >= this.#file.sizeBytes ? undefined : await this.#fresh(sizeBytes)
    try {
      if (!fresh) {
        if (before) await this.#empty(before)
        return before
      }
    } catch {
      // It may be told again when somebody has to wait for it.
    }
    // Its name goes to the other, and may be gone already where that is refused.
    this.#close(before)
    try {
      return fresh && this.#name(fresh, this.#file.path)
    } catch {
      return undefined
    }
  }

  async #empty({ fd, sizeBytes }: Room): Promise<void> {
    const put = async (bytes: Buffer, at: number): Promise<void> => {
      this.#put(fd, bytes, at)
      await this.#disk.sync(fd)
    }
    // What stands after a first line that is empty counts no more.
    await put(Buffer.alloc(Math.min(SECTOR_BYTES, sizeBytes), NEWLINE), 0)
    for (let at = 0; at < sizeBytes; at += PIECE_BYTES)
      await put(Buffer.alloc(Math.min(PIECE_BYTES, sizeBytes - at), NEWLINE), at)
    await put(NOT_ITS_TURN, 0)
  }

  /** An empty file without a name. */
  async #fresh(sizeBytes: number): Promise<Room | undefined> {
    let fd: number | undefined
    try {
      fd = this.#disk.create(this.#unnamed)
      await this.#empty({ fd, sizeBytes })
      return { fd, sizeBytes }
    } catch {
      this.#giveBack(fd)
      return undefined
    }
  }

  /** A full disk is not to be filled with what cannot be used. */
  #giveBack(fd?: number): void {
    try {
      if (fd !== undefined) this.#disk.close(fd)
      this.#disk.close(this.#disk.create(this.#unnamed))
    } catch {
      // It may be told again when somebody has to wait for it.
    }
  }

  /** Makes the other file anew at once; where the disk refuses, it is the one there is, or one without room for more. */
  #renew(present: string | undefined, other?: BookFile): BookFile {
    let written: readonly [Room, number]
    try {
      written = this.#written(this.#disk.aheadBytes)
    } catch (error) {
      if (other) {
        this.#giveBack()
        return other
      }
      if (!isFull(error)) throw error
      written = this.#written(0)
    }
    const [room, offset] = written
    const file = this.#name(room, present)
    this.#headBytes = this.#offset = offset
    return file
  }

  /** The book in a file without a name, and where it ends there. */
  #written(aheadBytes: number): readonly [Room, number] {
    const disk = this.#disk
    const fd = disk.create(this.#unnamed)
    try {
      const line = this.#head()
      const bytes = Buffer.concat([line, Buffer.alloc(aheadBytes, NEWLINE)])
      this.#put(fd, bytes, 0)
      return [{ fd, sizeBytes: bytes.length }, line.length]
    } catch (error) {
      this.#close({ fd })
      throw error
    }
  }

  /** Gives a file that is whole the name that the present one has not; one that is refused is closed. */
  #name(room: Room, present: string | undefined): BookFile {
    const [first, second] = this.#paths
    const path = present === first ? second : first
    const disk = this.#disk
    try {
      disk.syncNow(room.fd)
      disk.rename(this.#unnamed, path)
      disk.syncFolder(dirname(path))
      return { ...room, path }
    } catch (error) {
      this.#close(room)
      throw error
    }
  }

  #close(file: Pick<Room, 'fd'> | undefined): void {
    try {
      if (file) this.#disk.close(file.fd)
    } catch {
      // Whatever was told of it is on the disk.
    }
  }

  get #unnamed(): string {
    return `${this.#paths[0]}.new`
  }
}
