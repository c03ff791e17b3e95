const BLOCK_BYTES = 256 << 10
/** The newest 8 MiB stay: enough for whoever looks back. */
const MAX_BLOCKS = 32
const MAX_BLOCKS_WAITED_FOR = 256

/** How much stays in memory at most, while it waits for a disk. */
export const MAX_WAITING_BYTES = MAX_BLOCKS_WAITED_FOR * BLOCK_BYTES

/** The newest bytes of a recording, in blocks of one size: a console arrives in crumbs of a few bytes. */
export class Memory {
  readonly #blocks: Buffer[] = []
  /** The offset at which the first block would begin. */
  #base: number
  #begin: number
  #end: number
  readonly #neededFrom: () => number

  /**
   * `begin`: the offset of the first byte to come. `neededFrom`: what is older is on the disk by now; what is not stays
   * here longer, up to `MAX_WAITING_BYTES`.
   */
  constructor(begin: number, neededFrom: () => number = () => Infinity) {
    this.#neededFrom = neededFrom
    this.#base = begin - (begin % BLOCK_BYTES)
    this.#begin = begin
    this.#end = begin
  }

  /** The offset of the oldest byte that is still here. */
  get begin(): number {
    return this.#begin
  }

  /** The offset behind the newest byte. */
  get end(): number {
    return this.#end
  }

  /** What is free behind the newest byte, of the block it is in: what is put there and appended next is not copied. */
  room(): Buffer {
    const at = this.#end - this.#base
    if (at >= this.#blocks.length * BLOCK_BYTES) this.#blocks.push(Buffer.allocUnsafeSlow(BLOCK_BYTES))
    return this.#blocks[Math.floor(at / BLOCK_BYTES)]!.subarray(at % BLOCK_BYTES)
  }

  append(chunk: Uint8Array): void {
    for (let done = 0; done < chunk.length;) {
      const room = this.room()
      const part = done === 0 && chunk.length <= room.length ? chunk : chunk.subarray(done, done + room.length)
      if (part.buffer !== room.buffer || part.byteOffset !== room.byteOffset) room.set(part)
      done += part.length
      this.#end += part.length
      this.#forget()
    }
  }

  /** A copy of the bytes [from, to), which must all be here. */
  copy(from: number, to: number): Buffer {
    const [first, ...more] = this.views(from, to)
    return more.length === 0 ? Buffer.from(first ?? '') : Buffer.concat([first!, ...more])
  }

  /** The bytes [from, to), which must all be here, in place: a block that was forgotten is never written to again. */
  views(from: number, to: number): Buffer[] {
    const views: Buffer[] = []
    for (let at = from; at < to;) {
      const block = Math.floor((at - this.#base) / BLOCK_BYTES)
      const blockBegin = this.#base + block * BLOCK_BYTES
      const until = Math.min(to, blockBegin + BLOCK_BYTES)
      views.push(this.#blocks[block]!.subarray(at - blockBegin, until - blockBegin))
      at = until
    }
    return views
  }

  #forget(): void {
    while (this.#blocks.length > MAX_BLOCKS) {
      const waitedFor = this.#neededFrom() < this.#base + BLOCK_BYTES
      if (waitedFor && this.#blocks.length <= MAX_BLOCKS_WAITED_FOR) return
      this.#blocks.shift()
      this.#base += BLOCK_BYTES
      this.#begin = Math.max(this.#begin, this.#base)
    }
  }
}
