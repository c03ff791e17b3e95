import type { Clock } from '../base/time.ts'
import type { ExpectOptions, Match } from '../controls/console.ts'
import { prepare } from './expect/pattern.ts'
import { Search } from './expect/search.ts'
import type { Recording } from './recording.ts'

const MAX_MATCH_BYTES = 4096

/**
 * Waits for the first match of `pattern` at or after an offset of a recording. Consumes nothing.
 *
 * The first match is the one that is complete first, so that the same bytes give the same match however they arrive.
 * Looking costs each byte once, and for each chunk as many before it as a match may have. Offsets count bytes; text
 * beyond ASCII is UTF-8. Errors: `test/misuse` for a pattern without a definite end (see `expect/pattern.ts`);
 * `late()` after `limitMs`, whose class is that of what was awaited; the signal's reason.
 */
export async function expectIn(recording: Recording, pattern: RegExp, options: ExpectOptions): Promise<Match> {
  const ready = prepare(pattern, options.maxBytes ?? MAX_MATCH_BYTES)
  options.signal?.throwIfAborted()
  const search = new Search(ready, Math.max(options.from, recording.begin))
  const found = search.lookBack(recording)
  if (found) return found
  const { promise, resolve, reject } = Promise.withResolvers<Match>()
  using _follow = recording.follow((chunk, end) => {
    try {
      const match = search.take(chunk, end - chunk.length)
      if (match) resolve(match)
    } catch (error) {
      reject(error)
    }
  })
  const onAbort = (): void => reject(options.signal?.reason as Error)
  options.signal?.addEventListener('abort', onAbort, { once: true })
  using limit = new Limit(recording.clock, options, reject)
  limit.begin(options.limitMs)
  try {
    return await promise
  } finally {
    options.signal?.removeEventListener('abort', onAbort)
  }
}

/** The time that is waited, and more of it where the one who waits says so. */
class Limit implements Disposable {
  readonly #clock: Clock
  readonly #options: ExpectOptions
  readonly #reject: (error: unknown) => void
  #timer: Disposable | undefined
  #over = false

  constructor(clock: Clock, options: ExpectOptions, reject: (error: unknown) => void) {
    this.#clock = clock
    this.#options = options
    this.#reject = reject
  }

  begin(limitMs: number): void {
    this.#timer = this.#clock.after(limitMs, () => void this.#ended())
  }

  async #ended(): Promise<void> {
    try {
      const moreMs = (await this.#options.moreMs?.()) ?? 0
      if (this.#over) return
      if (moreMs > 0) this.begin(moreMs)
      else this.#reject(await this.#options.late())
    } catch (error) {
      this.#reject(error)
    }
  }

  [Symbol.dispose](): void {
    this.#over = true
    this.#timer?.[Symbol.dispose]()
  }
}
