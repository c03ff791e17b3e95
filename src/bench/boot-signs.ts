import type { BootFacts } from '../model/board-type.ts'
import { RESTARTS } from '../model/judge-reboot.ts'
import type { Recording } from './recording.ts'

/** A way in whose connection a reboot would have ended. */
export type WayIn = 'ssh' | 'serial'

/** How much of the recording is looked at for signs: the newest of it. */
const MOST_BYTES = 1 << 20
/** How far in front of a sign a system's word that it restarts is looked for. */
const WORD_BYTES = 16_384

/**
 * Signs on a board's console that it started anew although nobody asked for it: a banner of its firmware, a login prompt.
 *
 * A sign proves nothing, since a test may print such a line. An answer over a connection that was open before proves that there
 * was no reboot. Looked at when somebody asks: what a console says costs nothing here.
 */
export class BootSigns {
  readonly #recording: Recording
  readonly #pattern: RegExp
  /** The ways in that were open before anything suspicious was said. */
  readonly #proving = new Set<WayIn>()
  /** What was said before is of a boot that is known; undefined: none is. */
  #from: number | undefined

  constructor(recording: Recording, { firmware, login }: BootFacts) {
    this.#recording = recording
    this.#pattern = new RegExp(`${firmware.source}|${login.source}`)
  }

  /** A boot begins that is wanted. */
  begin(): void {
    this.#from = undefined
    this.#proving.clear()
  }

  /** It is known which boot the board is in. */
  settle(open: Iterable<WayIn>): void {
    this.#from = this.#recording.end
    for (const way of open) this.#proving.add(way)
  }

  opened(way: WayIn): void {
    this.#proving.delete(way)
    if (this.#from === undefined || this.first() !== undefined) return
    this.#from = this.#recording.end
    this.#proving.add(way)
  }

  answered(way: WayIn): void {
    if (this.#from !== undefined && this.#proving.has(way)) this.#from = this.#recording.end
  }

  lost(way: WayIn): void {
    this.#proving.delete(way)
  }

  /** Where the first sign stands since the boot was last proven. */
  first(): number | undefined {
    if (this.#from === undefined) return undefined
    const from = Math.max(this.#from, this.#recording.end - MOST_BYTES)
    const at = this.#recording.slice(from).toString('latin1').search(this.#pattern)
    return at < 0 ? undefined : from + at
  }

  /** Whether the system itself said that it restarts: before a sign, or since the boot was last proven. */
  announced(sign: number = this.#recording.end): boolean {
    const from = Math.max(this.#from ?? sign, sign - WORD_BYTES)
    return RESTARTS.test(this.#recording.slice(from, sign).toString('latin1'))
  }
}
