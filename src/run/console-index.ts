import {
  parseIndexLine,
  isArrival,
  offsetOf,
  timeOf,
  type Arrival,
  type IndexLine,
} from '../bench/recording/index-line.ts'
import { readPart, sizeOf } from '../bench/recording/segment-files.ts'

const WINDOW_BYTES = 64 << 10
/** Longer than any line. */
const LINE_BYTES = 4 << 10

/** The index of a run's copy of a console, searched where it lies: a run of days has one of many megabytes. */
export class ConsoleIndex {
  readonly #path: string
  readonly #sizeBytes: number

  constructor(path: string) {
    this.#path = path
    this.#sizeBytes = sizeOf(path)
  }

  /** The offset at which the copy begins; 0 where there is no index. */
  get begin(): number {
    const first = this.#linesAt(0, LINE_BYTES)[0]
    return first ? offsetOf(first.line) : 0
  }

  /** The arrivals of the bytes [from, to): the first may have begun before. */
  arrivals(from: number, to: number): Arrival[] {
    const found: Arrival[] = []
    for (const line of this.#linesFrom(this.#lastBefore(line => offsetOf(line) <= from))) {
      if (offsetOf(line) >= to) break
      if (isArrival(line)) {
        if (line[0] <= from) found.length = 0
        found.push(line)
      }
    }
    return found
  }

  /** The offset of what was recorded at a time or later; undefined: nothing was. */
  offsetAt(ms: number): number | undefined {
    for (const line of this.#linesFrom(this.#lastBefore(line => timeOf(line) < ms)))
      if (isArrival(line) && timeOf(line) >= ms) return offsetOf(line)
    return undefined
  }

  /** A position of a line, not after the last one that lies before; by halves, as far as that saves reading. */
  #lastBefore(isBefore: (line: IndexLine) => boolean): number {
    let low = 0
    let high = this.#sizeBytes
    while (high - low > WINDOW_BYTES) {
      const middle = low + Math.floor((high - low) / 2)
      const first = this.#linesAt(middle, LINE_BYTES, true)[0]
      if (first && isBefore(first.line)) low = first.position
      else high = middle
    }
    return low
  }

  *#linesFrom(position: number): Generator<IndexLine> {
    for (let at = position; at < this.#sizeBytes;) {
      const lines = this.#linesAt(at, WINDOW_BYTES)
      if (lines.length === 0) return
      for (const { line } of lines) yield line
      at = lines.at(-1)!.end
    }
  }

  /** The whole lines in a part of the file. `within`: it may begin in the middle of one. */
  #linesAt(position: number, length: number, within = false): { position: number; end: number; line: IndexLine }[] {
    if (this.#sizeBytes === 0) return []
    const bytes = readPart(this.#path, position, Math.min(length, this.#sizeBytes - position))
    const found: { position: number; end: number; line: IndexLine }[] = []
    let start = within ? bytes.indexOf('\n') + 1 : 0
    for (let end = bytes.indexOf('\n', start); end >= 0; end = bytes.indexOf('\n', start)) {
      const line = parseIndexLine(bytes.toString('utf8', start, end))
      if (line) found.push({ position: position + start, end: position + end + 1, line })
      start = end + 1
    }
    return found
  }
}
