import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import type { OpenFile, RecordingFile } from './append-file.ts'
import type { Batch, Target } from './flusher.ts'
import { formatIndex } from './index-line.ts'
import { indexBeside } from './segment-files.ts'

/**
 * What a console says while one run holds the board, as a file of that run with its index.
 *
 * Offsets in the index are the board's: a byte stands in the file at its offset less that of the index' first line.
 */
export class RunCopy implements Target {
  readonly #begin: number
  readonly #data: RecordingFile
  readonly #index: RecordingFile
  #indexBytes = 0

  /** Errors: what the system says. */
  constructor(path: string, begin: number, openFile: OpenFile) {
    mkdirSync(dirname(path), { recursive: true })
    this.#begin = begin
    this.#data = openFile(path, 'w')
    this.#index = openFile(indexBeside(path), 'w')
  }

  async write({ offset, bytes, lines }: Batch): Promise<void> {
    await this.#data.write(bytes, offset - this.#begin)
    const index = Buffer.from(formatIndex(lines))
    await this.#index.write([index], this.#indexBytes)
    this.#indexBytes += index.length
  }

  async close(): Promise<void> {
    await this.#data.close()
    await this.#index.close()
  }
}
