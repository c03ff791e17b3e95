import { existsSync, statSync } from 'node:fs'
import { join, resolve, sep } from 'node:path'
import { readPart, sizeOf } from '../bench/recording/segment-files.ts'
import type { ConsoleSlice } from '../model/event.ts'
import type { ConsoleBytes, RunFiles } from '../report/run-files.ts'
import { ConsoleIndex } from './console-index.ts'

/** The files in a run's folder, as its report quotes them. */
export class RunFolder implements RunFiles {
  readonly #folder: string
  readonly #copies = new Map<string, ConsoleCopy | undefined>()

  constructor(folder: string) {
    this.#folder = resolve(folder)
  }

  console(board: string, { from, to }: ConsoleSlice, maxBytes: number): ConsoleBytes | undefined {
    const copy = this.#copyOf(board)
    return copy?.end(from - copy.begin, to - copy.begin, maxBytes)
  }

  consoleBetween(board: string, fromMs: number, toMs: number, maxBytes: number): ConsoleBytes | undefined {
    const copy = this.#copyOf(board)
    if (!copy) return undefined
    const [from, to] = [copy.index.offsetAt(fromMs), copy.index.offsetAt(toMs)]
    return from === undefined ? undefined : copy.end(from - copy.begin, (to ?? Infinity) - copy.begin, maxBytes)
  }

  read(path: string, maxBytes: number): Buffer | undefined {
    const whole = resolve(this.#folder, path)
    // The path is a log's word: nothing outside the run goes into its report.
    if (!whole.startsWith(`${this.#folder}${sep}`)) return undefined
    const stat = statSync(whole, { throwIfNoEntry: false })
    return stat?.isFile() && stat.size <= maxBytes ? readPart(whole, 0, stat.size) : undefined
  }

  #copyOf(board: string): ConsoleCopy | undefined {
    if (!this.#copies.has(board)) {
      const path = join(this.#folder, board, 'console.log')
      this.#copies.set(board, existsSync(path) ? new ConsoleCopy(path) : undefined)
    }
    return this.#copies.get(board)
  }
}

/** A run's copy of a console and its index. */
class ConsoleCopy {
  readonly index: ConsoleIndex
  /** The board's offset of the copy's first byte. */
  readonly begin: number
  readonly #path: string

  constructor(path: string) {
    this.#path = path
    this.index = new ConsoleIndex(`${path}.idx`)
    this.begin = this.index.begin
  }

  /** The end of [from, to), positions in the copy; undefined: there is nothing. */
  end(from: number, to: number, maxBytes: number): ConsoleBytes | undefined {
    const last = Math.min(to, sizeOf(this.#path))
    const wanted = Math.max(0, from)
    const first = Math.max(wanted, last - maxBytes)
    if (last <= wanted) return undefined
    const bytes = readPart(this.#path, first, last - first)
    const arrivals = this.index.arrivals(first + this.begin, last + this.begin)
    return {
      from: first,
      bytes,
      leftOutBytes: first - wanted,
      arrivals: arrivals.map(([offset, atMs]) => [offset - this.begin - first, atMs]),
    }
  }
}
