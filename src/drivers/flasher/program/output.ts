import { closeSync, openSync, writeSync } from 'node:fs'
import { stripAnsi } from '../../../base/text.ts'
import { KNOWN_FAILURES, SUCCESS, type KnownFailure } from './failures.ts'

/** More than any flash says; a program that goes wild must not fill the disk of this host. */
const MAX_LOG_BYTES = 16 << 20
const MAX_LINE_CHARS = 4096
const TAIL_LINES = 20

/** Follows what a flash program says: to the log, for its progress, for the lines that mean failure. */
export class FlashOutput implements Disposable {
  readonly #log: number | undefined
  readonly #onPercent: (percent: number) => void
  readonly #tail: string[] = []
  #logged = 0
  #line = ''
  #failure: { readonly known: KnownFailure; readonly line: string } | undefined

  constructor(logPath: string | undefined, onPercent: (percent: number) => void) {
    this.#log = logPath === undefined ? undefined : openSync(logPath, 'a')
    this.#onPercent = onPercent
  }

  take(chunk: Buffer): void {
    this.#write(chunk)
    // A progress bar is one line that is written over: each state of it counts as a line.
    const lines = (this.#line + chunk.toString('utf8')).split(/\r\n|\r|\n/)
    this.#line = lines.pop()!.slice(-MAX_LINE_CHARS)
    for (const line of lines) this.#take(stripAnsi(line).slice(0, MAX_LINE_CHARS).trim())
  }

  /** The first failure that nothing later took back. */
  get failure(): { readonly known: KnownFailure; readonly line: string } | undefined {
    this.#look(this.#line)
    return this.#failure
  }

  /** The last lines, the one that is not finished included. */
  tail(): string[] {
    return [...this.#tail, stripAnsi(this.#line).trim()].filter(line => line !== '').slice(-TAIL_LINES)
  }

  /** The question it ended in, if it looks as if it asked one. */
  get question(): string | undefined {
    const last = this.tail().at(-1) ?? ''
    return /[?\]:)] ?$/.test(last) && /\?|\[[yYnN]\/[yYnN]\]|password|passphrase|enter /i.test(last) ? last : undefined
  }

  [Symbol.dispose](): void {
    if (this.#log !== undefined) closeSync(this.#log)
  }

  #take(line: string): void {
    if (line === '') return
    this.#tail.push(line)
    if (this.#tail.length > TAIL_LINES) this.#tail.shift()
    this.#look(line)
    const percent = /(?:^|\D)(\d{1,3})(?:\.\d+)? ?%/.exec(line)?.[1]
    if (percent !== undefined && Number(percent) <= 100) this.#onPercent(Number(percent))
  }

  #look(line: string): void {
    if (SUCCESS.test(line)) this.#failure = undefined
    const known = KNOWN_FAILURES.find(({ pattern }) => pattern.test(line))
    if (known) this.#failure = morePrecise(this.#failure, { known, line })
  }

  #write(chunk: Buffer): void {
    if (this.#log === undefined || this.#logged >= MAX_LOG_BYTES) return
    try {
      this.#logged += writeSync(this.#log, chunk.subarray(0, MAX_LOG_BYTES - this.#logged))
      if (this.#logged >= MAX_LOG_BYTES) writeSync(this.#log, '\n(more was said; it is not kept)\n')
    } catch {
      // A log that cannot be written is no reason to stop a flash half way.
      this.#logged = MAX_LOG_BYTES
    }
  }
}

/** The table's order is by how much a line tells: a program that gives up often says so in several lines. */
function morePrecise<F extends { readonly known: KnownFailure }>(before: F | undefined, now: F): F {
  if (!before) return now
  return KNOWN_FAILURES.indexOf(now.known) < KNOWN_FAILURES.indexOf(before.known) ? now : before
}
