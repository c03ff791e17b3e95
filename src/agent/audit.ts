import { close, fstatSync, mkdirSync, openSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { asFault } from '../base/fault.ts'
import type { Clock } from '../base/time.ts'
import type { Caller } from './caller.ts'

const closeAsync = promisify(close)

/** A file that is only added to. */
export interface AuditFile {
  readonly sizeBytes: number
  add(text: string): Promise<unknown>
  close(): Promise<void>
}

/** Goes on with a file, or begins it. Errors: what the system says. */
export type OpenAudit = (path: string) => AuditFile

const openOnHost: OpenAudit = path => {
  mkdirSync(dirname(path), { recursive: true })
  const fd = openSync(path, 'a', 0o640)
  return {
    sizeBytes: fstatSync(fd).size,
    // Into the host's memory, which is done before another thread would have heard of it.
    add: async text => writeFileSync(fd, text),
    close: () => closeAsync(fd),
  }
}

/** Two files of this size are kept at most: the present one, and the one before as `<path>.1`. */
const LIMIT_BYTES = 64 << 20

/** Who did what to which board, a JSON line a call, refused ones included. A kill of this process loses nothing told. */
export class Audit implements AsyncDisposable {
  readonly #path: string
  readonly #clock: Clock
  readonly #onError: (error: unknown) => void
  #lines: string[] = []
  #writing: Promise<void> | undefined
  readonly #open: OpenAudit
  #file: AuditFile
  #sizeBytes: number

  constructor(path: string, clock: Clock, onError: (error: unknown) => void, open = openOnHost) {
    this.#path = path
    this.#clock = clock
    this.#onError = onError
    this.#open = open
    this.#file = open(path)
    this.#sizeBytes = this.#file.sizeBytes
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
    await this.#file.close()
  }

  async #drain(): Promise<void> {
    await new Promise(resolve => setImmediate(resolve))
    while (this.#lines.length > 0) {
      const text = this.#lines.join('')
      this.#lines = []
      try {
        this.#sizeBytes += Buffer.byteLength(text)
        await this.#file.add(text)
        await this.#turnOver()
      } catch (error) {
        this.#onError(error)
      }
    }
    this.#writing = undefined
  }

  async #turnOver(): Promise<void> {
    if (this.#sizeBytes <= LIMIT_BYTES) return
    renameSync(this.#path, `${this.#path}.1`)
    const before = this.#file
    this.#file = this.#open(this.#path)
    this.#sizeBytes = 0
    await before.close()
  }
}
