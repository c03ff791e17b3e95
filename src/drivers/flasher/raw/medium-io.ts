import { readSync, writeSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import { alignedBuffer } from './memory.ts'
import { SLOT_BYTES } from './ring.ts'
import { mediumFault, mismatch } from './medium-fault.ts'

/** A medium that was opened, and what may be taken for granted about it. */
export interface OpenMedium {
  readonly fd: number
  readonly path: string
  readonly sizeBytes: number
  /** What offsets and lengths must be multiples of. */
  readonly alignBytes: number
  /**
   * The places where the image holds zeros: all of them are read (`look`), some of each, because the disk said that it
   * zeroed them itself (`sample`), or none, because they are holes of a file that was emptied (`trust`).
   */
  readonly zeros: 'look' | 'sample' | 'trust'
}

/** How pieces are brought to the medium. `adaptive`: compares first while that saves time. */
export type Way = 'full' | 'delta' | 'adaptive' | 'verify'

/** A block that is looked at once more after the final flush. */
export interface Sample {
  readonly offset: number
  readonly crc32: number
}

export const SAMPLE_BYTES = 4096

/** Pieces are compared, and written where they differ, in units of this size. */
const UNIT_BYTES = 64 << 10
const LOOK_BYTES = 2 << 20
/** After comparing has not paid, every so-manieth piece is compared nevertheless: the next ones may be equal again. */
const LOOK_AGAIN_EVERY = 16

/**
 * Brings pieces of an image to a medium and proves each by reading it back; one thread's share of a flash.
 *
 * Errors: `infrastructure/flash-write`, `infrastructure/flash-verify` with the first bad offset, `infrastructure/media`
 * when the medium is gone.
 */
export class MediumIo {
  readonly samples: Sample[] = []
  writtenBytes = 0
  readBackBytes = 0
  /** Zeros that the disk made itself, of which samples were read. */
  sampledBytes = 0
  /** Data that was there already. */
  keptBytes = 0
  /** Data that was looked at before it was, or was not, written. */
  comparedBytes = 0
  readonly #medium: OpenMedium
  readonly #way: Way
  readonly #seen = alignedBuffer(LOOK_BYTES)
  readonly #back = alignedBuffer(SLOT_BYTES)
  readonly #zeroSlot = alignedBuffer(SLOT_BYTES)
  #compareMs = 0
  #writeMs = 0
  #sinceLook = 0

  constructor(medium: OpenMedium, way: Way) {
    this.#medium = medium
    this.#way = way
  }

  /** Makes the medium hold these bytes. Zeros among them are not written to where there are zeros already. */
  data(offset: number, bytes: Buffer): void {
    for (const { from, to, isZero } of runs(bytes)) {
      if (isZero) this.zeros(offset + from, to - from)
      else this.#data(offset + from, bytes.subarray(from, to))
    }
    this.#keepSample(offset, bytes)
  }

  /** Makes the medium read as zeros: looks first, because reading is cheap and most of a medium is zeros already. */
  zeros(offset: number, length: number): void {
    if (this.#medium.zeros === 'trust') return
    if (this.#medium.zeros === 'sample') return this.#sampleZeros(offset, length)
    for (let at = 0; at < length; at += LOOK_BYTES) {
      const size = Math.min(LOOK_BYTES, length - at)
      this.#zeros(offset + at, size)
    }
  }

  /** Reads a sample again. */
  check({ offset, crc32: expected }: Sample): void {
    const seen = this.#read(offset, SAMPLE_BYTES)
    this.readBackBytes += SAMPLE_BYTES
    if (crc32(seen) !== expected) throw mismatch(this.#medium.path, offset, undefined, seen)
  }

  /** Anywhere in each piece: a disk that left old data in place left more of it than one block. */
  #sampleZeros(offset: number, length: number): void {
    const size = Math.max(SAMPLE_BYTES, this.#medium.alignBytes)
    for (let at = 0; at < length; at += SLOT_BYTES) {
      const piece = Math.min(SLOT_BYTES, length - at)
      const blocks = Math.floor(piece / size)
      const from = offset + at + (blocks > 1 ? Math.floor(Math.random() * blocks) * size : 0)
      const zeros = this.#zeroSlot.subarray(0, Math.min(size, piece))
      const seen = this.#read(from, zeros.length)
      this.readBackBytes += zeros.length
      this.sampledBytes += piece
      if (!seen.equals(zeros)) throw mismatch(this.#medium.path, from, zeros, seen, FALSE_ZEROS)
    }
  }

  #zeros(offset: number, length: number): void {
    const seen = this.#read(offset, length)
    for (let at = 0; at < length; at += SLOT_BYTES) {
      const zeros = this.#zeroSlot.subarray(0, length - at)
      const found = seen.subarray(at, at + zeros.length)
      if (found.equals(zeros)) this.readBackBytes += zeros.length
      else if (this.#way === 'verify') throw mismatch(this.#medium.path, offset + at, zeros, found)
      else this.#writeAndReadBack(offset + at, zeros)
    }
  }

  #data(offset: number, bytes: Buffer): void {
    if (!this.#isWorthComparing()) return this.#writeAndReadBack(offset, bytes)
    const startMs = performance.now()
    const seen = this.#read(offset, bytes.length)
    this.#compareMs += performance.now() - startMs
    this.comparedBytes += bytes.length
    for (const { from, to, isEqual } of comparedRuns(bytes, seen)) {
      const part = bytes.subarray(from, to)
      if (isEqual) {
        this.readBackBytes += part.length
        this.keptBytes += part.length
      } else if (this.#way === 'verify') throw mismatch(this.#medium.path, offset + from, part, seen.subarray(from, to))
      else this.#writeAndReadBack(offset + from, part)
    }
  }

  /** Comparing costs one read, and saves a write and the read back of it where the medium is right already. */
  #isWorthComparing(): boolean {
    if (this.#way !== 'adaptive') return this.#way !== 'full'
    const equalShare = this.comparedBytes === 0 ? 1 : this.keptBytes / this.comparedBytes
    const readMs = this.comparedBytes === 0 ? 0 : this.#compareMs / this.comparedBytes
    const writeMs = this.writtenBytes === 0 ? 0 : this.#writeMs / this.writtenBytes
    const pays = writeMs === 0 || equalShare * writeMs > readMs
    this.#sinceLook = pays || this.#sinceLook >= LOOK_AGAIN_EVERY ? 0 : this.#sinceLook + 1
    return this.#sinceLook === 0
  }

  #writeAndReadBack(offset: number, bytes: Buffer): void {
    const startMs = performance.now()
    try {
      for (let at = 0; at < bytes.length;) at += writeSync(this.#medium.fd, bytes, at, bytes.length - at, offset + at)
    } catch (error) {
      throw mediumFault(this.#medium, 'write', offset, error as NodeJS.ErrnoException)
    }
    this.writtenBytes += bytes.length
    const seen = this.#read(offset, bytes.length, this.#back)
    this.#writeMs += performance.now() - startMs
    this.readBackBytes += bytes.length
    if (!seen.equals(bytes)) throw mismatch(this.#medium.path, offset, bytes, seen)
  }

  #read(offset: number, length: number, into = this.#seen): Buffer {
    const seen = into.subarray(0, length)
    try {
      for (let at = 0; at < length;) {
        const got = readSync(this.#medium.fd, seen, at, length - at, offset + at)
        if (got === 0) throw new Error(`it ends after ${offset + at} bytes`)
        at += got
      }
    } catch (error) {
      throw mediumFault(this.#medium, 'read', offset, error as NodeJS.ErrnoException)
    }
    return seen
  }

  /** Anywhere in the piece: what lies at a fixed place could be what a faulty medium happens to keep. */
  #keepSample(offset: number, bytes: Buffer): void {
    if (bytes.length < SAMPLE_BYTES) return
    const blocks = Math.floor(bytes.length / SAMPLE_BYTES)
    const from = Math.floor(Math.random() * blocks) * SAMPLE_BYTES
    this.samples.push({ offset: offset + from, crc32: crc32(bytes.subarray(from, from + SAMPLE_BYTES)) })
  }
}

const FALSE_ZEROS =
  'the disk said that it zeroed this place itself, and did not: flash it with --delta, which writes and reads all zeros'

const ZERO_UNIT = Buffer.alloc(UNIT_BYTES)

/** The stretches of zeros and of data in a piece. */
function runs(bytes: Buffer): { from: number; to: number; isZero: boolean }[] {
  return stretches(bytes.length, (from, to) => bytes.subarray(from, to).equals(ZERO_UNIT.subarray(0, to - from))).map(
    ({ from, to, is }) => ({ from, to, isZero: is }),
  )
}

function comparedRuns(bytes: Buffer, seen: Buffer): { from: number; to: number; isEqual: boolean }[] {
  return stretches(bytes.length, (from, to) => bytes.subarray(from, to).equals(seen.subarray(from, to))).map(
    ({ from, to, is }) => ({ from, to, isEqual: is }),
  )
}

function stretches(length: number, test: (from: number, to: number) => boolean) {
  const found: { from: number; to: number; is: boolean }[] = []
  for (let from = 0; from < length; from += UNIT_BYTES) {
    const to = Math.min(from + UNIT_BYTES, length)
    const is = test(from, to)
    const last = found.at(-1)
    if (last?.is === is) last.to = to
    else found.push({ from, to, is })
  }
  return found
}
