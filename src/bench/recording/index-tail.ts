import type { FileHandle } from 'node:fs/promises'
import { parseIndexLine, type IndexLine } from './index-line.ts'

const PART_BYTES = 64 << 10

/** An index read from its beginning, part by part, also while it is being written. */
export class IndexTail {
  readonly #file: FileHandle
  readonly #part = Buffer.allocUnsafe(PART_BYTES)
  #position = 0
  #rest = ''

  constructor(file: FileHandle) {
    this.#file = file
  }

  /** The next lines; none: there are no more whole lines yet. */
  async next(): Promise<IndexLine[]> {
    const { bytesRead } = await this.#file.read(this.#part, 0, PART_BYTES, this.#position)
    this.#position += bytesRead
    // Everything in an index but the reason of a gap is ASCII; a reason that is cut in the middle of a letter may suffer.
    const texts = (this.#rest + this.#part.toString('utf8', 0, bytesRead)).split('\n')
    this.#rest = texts.pop()!
    const lines = texts.map(parseIndexLine).filter(line => line !== undefined)
    return lines.length === 0 && bytesRead > 0 ? this.next() : lines
  }
}
