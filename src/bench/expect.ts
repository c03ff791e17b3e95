import type { ExpectOptions, Match } from '../controls/console.ts'
import type { Recording } from './recording.ts'

const MAX_MATCH_BYTES = 4096

/**
 * Waits for the first match of `pattern` at or after an offset of a recording. Consumes nothing.
 *
 * A match is at most `maxBytes` long (default 4096), which bounds the work for every byte that arrives. Let a pattern
 * end in a delimiter (`\r\n`, a space): one that ends in `\d+` would match as much as happened to have arrived.
 * Offsets count bytes; the pattern sees Latin-1, the match's text is decoded as UTF-8.
 */
export async function expectIn(recording: Recording, pattern: RegExp, options: ExpectOptions): Promise<Match> {
  const search = new Search(recording, pattern, options)
  options.signal?.throwIfAborted()
  const found = search.look()
  if (found) return found
  const { promise, resolve, reject } = Promise.withResolvers<Match>()
  using _follow = recording.follow(() => {
    const match = search.look()
    if (match) resolve(match)
  })
  const onAbort = (): void => reject(options.signal?.reason as Error)
  options.signal?.addEventListener('abort', onAbort, { once: true })
  const timer = setTimeout(() => void late(options, reject), options.limitMs)
  try {
    return await promise
  } finally {
    clearTimeout(timer)
    options.signal?.removeEventListener('abort', onAbort)
  }
}

async function late(options: ExpectOptions, reject: (error: unknown) => void): Promise<void> {
  try {
    reject(await options.late())
  } catch (error) {
    reject(error)
  }
}

/** The text from the last unmatched place to the end, looked at again whenever something arrives. */
class Search {
  readonly #recording: Recording
  readonly #pattern: RegExp
  readonly #maxBytes: number
  #from: number

  constructor(recording: Recording, pattern: RegExp, options: ExpectOptions) {
    this.#recording = recording
    this.#pattern = new RegExp(pattern.source, pattern.flags.replaceAll(/[gyu]/g, ''))
    this.#maxBytes = options.maxBytes ?? MAX_MATCH_BYTES
    this.#from = options.from
  }

  look(): Match | undefined {
    const bytes = this.#recording.slice(this.#from)
    const found = this.#pattern.exec(bytes.toString('latin1'))
    if (found) {
      const from = this.#from + found.index
      const to = from + found[0].length
      const utf8 = (text: string | undefined): string | undefined =>
        text === undefined ? undefined : Buffer.from(text, 'latin1').toString('utf8')
      return { from, to, text: utf8(found[0])!, groups: found.slice(1).map(utf8) }
    }
    // What lies further back than the longest match can no longer begin one.
    this.#from = Math.max(this.#from, this.#from + bytes.length - this.#maxBytes)
    return undefined
  }
}
