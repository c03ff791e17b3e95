import type { Match } from '../../controls/console.ts'
import type { Recording } from '../recording.ts'
import type { Pattern } from './pattern.ts'

/** How much of an old recording is looked at in one piece. */
const PIECE_BYTES = 1 << 20
/** What `^`, `\b` and a look behind may want to see of what was said before. */
const CONTEXT_BYTES = 64

/** The search for one pattern in bytes that arrive in pieces. */
export class Search {
  readonly #pattern: Pattern
  /** The bytes behind which a match may still begin, and some before them: as Latin-1. */
  #kept = ''
  /** The first place where a match may begin, as an offset and in `#kept`. */
  #from: number
  #fromIndex = 0
  /** The offset up to which all was looked at. */
  #end: number

  constructor(pattern: Pattern, from: number) {
    this.#pattern = pattern
    this.#from = from
    this.#end = from
  }

  /** Looks at what is there already. */
  lookBack(recording: Recording): Match | undefined {
    const before = recording.slice(Math.max(recording.begin, this.#from - CONTEXT_BYTES), this.#from)
    this.#kept = before.toString('latin1')
    this.#fromIndex = this.#kept.length
    const end = recording.end
    while (this.#end < end) {
      const match = this.take(recording.slice(this.#end, Math.min(end, this.#end + PIECE_BYTES)), this.#end)
      if (match) return match
    }
    return undefined
  }

  /** Looks at bytes that stand at an offset: the next ones, or among them. */
  take(bytes: Buffer, offset: number): Match | undefined {
    const start = Math.max(0, this.#end - offset)
    if (start >= bytes.length) return undefined
    const { regexp, atEnd } = this.#pattern
    if (this.#isWithout(bytes, start)) {
      const before = this.#kept.length - start
      this.#advance(bytes.length - start, cut => bytes.toString('latin1', cut - before))
      return undefined
    }
    const fresh = bytes.toString('latin1', start)
    const text = this.#kept + fresh
    const found = execFrom(regexp, text, this.#fromIndex)
    if (found) return this.#match(atEnd ? found : this.#earliest(text, this.#kept.length, found))
    this.#advance(fresh.length, cut => text.slice(cut))
    return undefined
  }

  /** Many bytes that cannot end a match, because the text is not there that each has: nothing else need be tried. */
  #isWithout(bytes: Buffer, start: number): boolean {
    const { literal, mostBytes } = this.#pattern
    if (literal === undefined || bytes.length - start < mostBytes + CONTEXT_BYTES) return false
    const seam = this.#kept + bytes.toString('latin1', start, start + literal.length - 1)
    return !bytes.includes(literal, start, 'latin1') && !seam.includes(literal)
  }

  /** Goes on behind what was looked at. `behind`: what follows a place in the bytes kept so far and the fresh ones. */
  #advance(freshBytes: number, behind: (cut: number) => string): void {
    this.#end += freshBytes
    const length = this.#kept.length + freshBytes
    const next = Math.max(this.#fromIndex, length - Math.max(0, this.#pattern.mostBytes - 1))
    this.#from += next - this.#fromIndex
    const cut = Math.max(0, next - CONTEXT_BYTES)
    this.#kept = behind(cut)
    this.#fromIndex = next - cut
  }

  /** The match of the shortest text that has one: the same however the bytes were cut. */
  #earliest(text: string, known: number, found: RegExpExecArray): RegExpExecArray {
    let best = found
    let low = Math.max(known, this.#fromIndex)
    let high = found.index + found[0].length
    while (low < high) {
      const middle = (low + high) >> 1
      const earlier = execFrom(this.#pattern.regexp, text.slice(0, middle), this.#fromIndex)
      if (earlier) {
        best = earlier
        high = Math.min(middle, earlier.index + earlier[0].length)
      } else low = middle + 1
    }
    return best
  }

  #match(found: RegExpExecArray): Match {
    const from = this.#from + found.index - this.#fromIndex
    return { from, to: from + found[0].length, text: utf8(found[0]), groups: found.slice(1).map(utf8) }
  }
}

function execFrom(regexp: RegExp, text: string, from: number): RegExpExecArray | null {
  regexp.lastIndex = from
  return regexp.exec(text)
}

function utf8(text: string): string
function utf8(text: string | undefined): string | undefined
function utf8(text: string | undefined): string | undefined {
  return text === undefined ? undefined : Buffer.from(text, 'latin1').toString('utf8')
}
