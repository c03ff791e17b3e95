import { createWriteStream, mkdirSync, renameSync, statSync, type WriteStream } from 'node:fs'
import { dirname } from 'node:path'
import type { Log } from '../../../base/log.ts'

const MAX_FILE_BYTES = 4 << 20
/** More than this not yet on disk: the disk is not keeping up, and what comes is dropped. */
const MAX_WAITING_BYTES = 1 << 20

/**
 * What one channel said, in a file that goes on from one lease to the next.
 *
 * Limits: at 4 MiB the file becomes `<path>.1` and a new one begins. A disk that takes no more is told to the log, once;
 * nobody's test depends on these bytes.
 */
export class ChannelLog implements AsyncDisposable {
  readonly #path: string
  readonly #log: Log
  #stream: WriteStream | undefined
  #sizeBytes = 0
  #broken = false

  constructor(path: string, log: Log) {
    this.#path = path
    this.#log = log
  }

  write(bytes: Uint8Array): void {
    if (this.#broken) return
    try {
      this.#stream ??= this.#open()
      if (this.#sizeBytes >= MAX_FILE_BYTES) this.#stream = this.#next(this.#stream)
      if (this.#stream.writableLength + bytes.length > MAX_WAITING_BYTES)
        throw new Error(`the disk does not keep up: ${this.#stream.writableLength} bytes wait`)
      this.#stream.write(bytes)
      this.#sizeBytes += bytes.length
    } catch (error) {
      this.#fail(error as Error)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const stream = this.#stream
    this.#stream = undefined
    if (stream && !stream.destroyed) await new Promise<void>(resolve => stream.once('close', resolve).end())
  }

  #open(): WriteStream {
    mkdirSync(dirname(this.#path), { recursive: true })
    this.#sizeBytes = statSync(this.#path, { throwIfNoEntry: false })?.size ?? 0
    return createWriteStream(this.#path, { flags: 'a' }).on('error', error => this.#fail(error))
  }

  /** What still waits goes to the old file, under its new name. */
  #next(full: WriteStream): WriteStream {
    full.end()
    renameSync(this.#path, `${this.#path}.1`)
    return this.#open()
  }

  #fail(error: Error): void {
    if (!this.#broken) this.#log.warn({ err: error, path: this.#path }, 'a channel of the console is no longer kept')
    this.#broken = true
  }
}
