import { readableLines } from '../../base/text.ts'
import type { Heard } from '../../bench/recording/reader.ts'

/** A line of a console as a person reads it. */
export interface LogLine {
  /** Where its first byte stands in the recording, and when that arrived. */
  readonly offset: number
  readonly atMs: number
  readonly text: string
}

const LF = 0x0a
/** A line that never ends is cut here. */
const MAX_LINE_BYTES = 64 << 10

/** Puts lines together from what was heard, wherever it was cut. What a program drew over counts as lines of their own. */
export class Lines {
  #parts: Buffer[] = []
  #bytes = 0
  #first: { offset: number; atMs: number } | undefined;

  *add({ offset, atMs, bytes }: Heard): Generator<LogLine> {
    for (let from = 0; from < bytes.length;) {
      const lf = bytes.indexOf(LF, from)
      const room = from + MAX_LINE_BYTES - this.#bytes
      const to = Math.min(lf < 0 ? bytes.length : lf + 1, room)
      this.#first ??= { offset: offset + from, atMs }
      this.#parts.push(bytes.subarray(from, to))
      this.#bytes += to - from
      from = to
      if (to === lf + 1 || this.#bytes === MAX_LINE_BYTES) yield* this.end()
    }
  }

  /** What stands there of a line that has not ended, as a line: a prompt. */
  *end(): Generator<LogLine> {
    const first = this.#first
    if (!first) return
    const texts = readableLines(Buffer.concat(this.#parts))
    this.#first = undefined
    this.#parts = []
    this.#bytes = 0
    for (const text of texts.length > 0 ? texts : ['']) yield { ...first, text }
  }
}
