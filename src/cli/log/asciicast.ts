import { StringDecoder } from 'node:string_decoder'
import type { Heard, Mark } from '../../bench/recording/reader.ts'
import { describeMark } from './marks.ts'

/** A player does not sit through a silence longer than this. */
const IDLE_LIMIT_S = 2

/**
 * A recording as asciicast v2: a header, then one JSON line for each event, in seconds since the first.
 *
 * Letters cut between two chunks stay whole; bytes that are no UTF-8 become U+FFFD, as a terminal would show them.
 * Source: https://docs.asciinema.org/manual/asciicast/v2/
 */
export class Asciicast {
  readonly #title: string
  readonly #decoder = new StringDecoder('utf8')
  #startMs: number | undefined
  #lastS = 0

  constructor(title: string) {
    this.#title = title
  }

  *heard({ atMs, bytes }: Heard): Generator<string> {
    const text = this.#decoder.write(bytes)
    yield* this.#event(atMs, 'o', text)
  }

  *mark(mark: Mark): Generator<string> {
    yield* this.#event(mark.atMs, 'm', describeMark(mark))
  }

  *#event(atMs: number, code: 'o' | 'm', text: string): Generator<string> {
    if (this.#startMs === undefined) {
      this.#startMs = atMs
      const timestamp = Math.floor(atMs / 1000)
      const size = { width: 80, height: 24 }
      yield JSON.stringify({ version: 2, ...size, timestamp, title: this.#title, idle_time_limit: IDLE_LIMIT_S })
    }
    if (text === '') return
    // A clock that was set back must not make a player wait for ever.
    this.#lastS = Math.max(this.#lastS, (atMs - this.#startMs) / 1000)
    yield JSON.stringify([this.#lastS, code, text])
  }
}
