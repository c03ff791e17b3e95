import { closeSync, fstatSync, mkdirSync, openSync, renameSync, write } from 'node:fs'
import { dirname } from 'node:path'
import { asFault } from '../base/fault.ts'
import type { Clock } from '../base/time.ts'
import type { Caller } from './caller.ts'

/** Two files of this size are kept at most: the present one, and the one before as `<path>.1`. */
const LIMIT_BYTES = 64 << 20

/** Who did what to which board, a JSON line a call, refused ones included. A kill of this process loses nothing told. */
export class Audit implements AsyncDisposable {
  readonly #path: string
  readonly #clock: Clock
  readonly #onError: (error: unknown) => void
  #lines: string[] = []
  #writing: Promise<void> | undefined
  #fd: number
  #sizeBytes: number

  constructor(path: string, clock: Clock, onError: (error: unknown) => void) {
    this.#path = path
    this.#clock = clock
    this.#onError = onError
    mkdirSync(dirname(path), { recursive: true })
    this.#fd = openSync(path, 'a', 0o640)
    this.#sizeBytes = fstatSync(this.#fd).size
  }

  note(caller: Caller, call: string, input: Record<string, unknown>, error: unknown): void {
    const { board, id, asks, to, user, purpose, takeReason, epoch } = input
    const line = {
      at: new Date(this.#clock.nowMs()).toISOString(),
      user: caller.user ?? user ?? null,
      role: caller.role,
      call,
      ...{ board, epoch, id, asks, to, purpose, reason: takeReason },
      ...(error !== undefined && { refused: asFault(error).code }),
    }
    this.#lines.push(`${JSON.stringify(line)}\n`)
    this.#writing ??= this.#drain()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writing
    closeSync(this.#fd)
  }

  async #drain(): Promise<void> {
    await new Promise(resolve => setImmediate(resolve))
    while (this.#lines.length > 0) {
      const text = this.#lines.join('')
      this.#lines = []
      try {
        await this.#write(text)
        this.#turnOver()
      } catch (error) {
        this.#onError(error)
      }
    }
    this.#writing = undefined
  }

  async #write(text: string): Promise<void> {
    this.#sizeBytes += Buffer.byteLength(text)
    await new Promise<void>((resolve, reject) =>
      write(this.#fd, text, null, 'utf8', error => (error ? reject(error) : resolve())),
    )
  }

  #turnOver(): void {
    if (this.#sizeBytes <= LIMIT_BYTES) return
    renameSync(this.#path, `${this.#path}.1`)
    closeSync(this.#fd)
    this.#fd = openSync(this.#path, 'a', 0o640)
    this.#sizeBytes = 0
  }
}
