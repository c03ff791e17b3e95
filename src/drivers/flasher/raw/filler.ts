import { Fault } from '../../../base/fault.ts'
import type { Bmap } from '../../../image/bmap.ts'
import { alignedBuffer } from './memory.ts'
import { type Ring, SLOT_BYTES } from './ring.ts'

/** The start of an image, without which no firmware boots it: it is written last. */
export const HEAD_BYTES = SLOT_BYTES

/** Between two ranges of data; larger gaps are handed over in several tasks, which several threads look at. */
const GAP_BYTES = 4 << 20

const SCRATCH_BYTES = 256 << 10

const ZEROS = Buffer.alloc(SLOT_BYTES)

/**
 * Cuts the decoded image into tasks. A decoder puts bytes into `room` and says how many with `advance`.
 *
 * With a block map its ranges are data and what lies between is zeros, whatever is decoded there; without one every
 * piece is looked at. Errors: `configuration/image`; `Stopped`.
 */
export class Filler {
  /** The start of the image, kept back. */
  readonly head = alignedBuffer(HEAD_BYTES)
  readonly #ring: Ring
  readonly #map: Bmap | undefined
  readonly #limitBytes: number
  readonly #progress: (doneBytes: number) => void
  /** Small, so that what nobody looks at stays in the processor's cache. */
  readonly #scratch = Buffer.allocUnsafe(SCRATCH_BYTES)
  #start = 0
  #filled = 0
  #range = 0

  /** `limitBytes`: the size of the medium. */
  constructor(ring: Ring, map: Bmap | undefined, limitBytes: number, progress: (doneBytes: number) => void) {
    this.#ring = ring
    this.#map = map
    this.#limitBytes = limitBytes
    this.#progress = progress
  }

  /** Where in the image the next byte belongs. */
  get position(): number {
    return this.#start + this.#filled
  }

  /** What comes next lies between two ranges of the map: it need not be read to be skipped. */
  get isGap(): boolean {
    const range = this.#map?.ranges[this.#range]
    return this.#map !== undefined && (range === undefined || this.#start < range.offset)
  }

  /** Where to put the next bytes; never empty, at the end of a mapped image too. */
  get room(): Buffer {
    const left = this.#end() - this.position
    // Decoders ask once more at the end; only what comes then is too much.
    if (left === 0) return this.#scratch.subarray(0, 1)
    if (this.isGap) return this.#scratch.subarray(0, Math.min(left, SCRATCH_BYTES))
    return this.#ring.room().subarray(this.#filled, this.#filled + left)
  }

  /** Says that so many bytes were put into `room`. */
  advance(bytes: number): void {
    if (bytes > 0 && this.position === this.#end()) throw this.#tooLong()
    this.#filled += bytes
    if (bytes > 0 && this.position === this.#end()) this.#publish()
  }

  /** Takes bytes that were decoded elsewhere. */
  put(bytes: Buffer): void {
    for (let at = 0; at < bytes.length;) {
      const room = this.room
      const size = Math.min(room.length, bytes.length - at)
      if (!this.isGap) bytes.copy(room, 0, at, at + size)
      this.advance(size)
      at += size
    }
  }

  /** The image ends here; resolves to its size. */
  finish(): number {
    if (this.#map && this.position !== this.#map.imageBytes)
      throw new Fault('configuration/image', {
        expected: `an image of ${this.#map.imageBytes} bytes, as its block map says`,
        seen: `${this.position} bytes`,
        next: 'image and block map do not belong together, or the image is cut: build or fetch both again; the medium does not boot now',
      })
    if (this.#filled > 0) this.#publish()
    this.#ring.end()
    return this.#start
  }

  /** Where the piece that is being filled ends. */
  #end(): number {
    const start = this.#start
    const limit = start < HEAD_BYTES ? HEAD_BYTES : start + SLOT_BYTES
    if (!this.#map) return limit
    const range = this.#map.ranges[this.#range]
    if (!range) return Math.min(start + GAP_BYTES, this.#map.imageBytes)
    return this.isGap ? Math.min(start + GAP_BYTES, range.offset) : Math.min(limit, range.offset + range.sizeBytes)
  }

  #publish(): void {
    const [offset, length] = [this.#start, this.#filled]
    if (offset + length > this.#limitBytes) throw this.#tooBig()
    if (this.isGap) this.#ring.publish('zeros', offset, length)
    else {
      const bytes = this.#ring.room().subarray(0, length)
      if (offset < HEAD_BYTES) bytes.copy(this.head, offset)
      const isZero = !this.#map && bytes.equals(ZEROS.subarray(0, length))
      this.#ring.publish(offset < HEAD_BYTES ? 'head' : isZero ? 'zeros' : 'data', offset, length)
      const range = this.#map?.ranges[this.#range]
      if (range && offset + length === range.offset + range.sizeBytes) this.#range += 1
    }
    this.#start += length
    this.#filled = 0
    this.#progress(this.#start)
  }

  #tooBig(): Fault {
    return new Fault('configuration/image', {
      expected: `an image of at most ${this.#limitBytes} bytes, the size of the medium`,
      seen: 'a larger image, whose size was not known beforehand',
      next: 'the medium does not boot now: take a larger one, or another image',
    })
  }

  #tooLong(): Fault {
    return new Fault('configuration/image', {
      expected: `an image of ${this.position} bytes, as its block map says`,
      seen: 'a longer one',
      next: 'image and block map do not belong together: build or fetch both again; the medium does not boot now',
    })
  }
}
