import { Fault } from '../../base/fault.ts'
import { abortable, type Clock } from '../../base/time.ts'
import type { ConsoleLine, ConsoleSink } from '../../controls/console.ts'
import type { Chance } from './chance.ts'

/** 921600 baud. */
const BYTES_PER_MS = 92
const CHUNK_MS = { least: 0.5, most: 8 }

export interface CableMeans {
  readonly board: string
  readonly chance: Chance
  after(ms: number, act: () => void): Disposable
  tell(text: string): void
  met(kind: 'line-noise' | 'tty-blinks' | 'tty-gone'): void
}

/** What one process heard of a board's console, as the host's driver handed it over: what a recording has to be. */
export interface Hearing {
  readonly process: Clock
  readonly fromMs: number
  readonly chunks: Buffer[]
  bytes: number
  /** When bytes came, and how many there were then. */
  readonly arrivals: { readonly atMs: number; readonly end: number }[]
  /** Behind how many bytes others were lost. */
  readonly gaps: number[]
  closed: boolean
}

/** The serial line between a board and its host: slow, and damaged, pulled out and plugged in as the seed has it. */
export class Cable {
  readonly hearings: Hearing[] = []
  /** Takes what arrives at the board. */
  toBoard: (text: string) => void = () => undefined
  readonly #means: CableMeans
  readonly #device: string
  #open: { sink: ConsoleSink; hearing: Hearing; clock: Clock } | undefined
  #waiting = ''
  #delivering = false
  #away: 'tty-blinks' | 'tty-gone' | undefined
  #lostOnWay = Promise.withResolvers<never>()
  /** How many of a million bytes are damaged, in each direction. */
  damagedPerMillion = 0

  constructor(means: CableMeans) {
    this.#means = means
    this.#device = `simulated console of ${means.board}`
    this.#lostOnWay.promise.catch(() => undefined)
  }

  /** The adapter as one process opens it. Errors: `infrastructure/tty-open` while it is unplugged. */
  open(sink: ConsoleSink, clock: Clock): ConsoleLine {
    if (this.#away) {
      this.#means.met(this.#away)
      throw this.#fault('infrastructure/tty-open', 'no such device')
    }
    const hearing: Hearing = {
      process: clock,
      fromMs: clock.ticksMs(),
      chunks: [],
      bytes: 0,
      arrivals: [],
      gaps: [],
      closed: false,
    }
    this.hearings.push(hearing)
    const opened = { sink, hearing, clock }
    this.#open = opened
    return {
      device: this.#device,
      write: (bytes, signal) => this.#write(bytes, clock, signal),
      [Symbol.asyncDispose]: async () => {
        hearing.closed = true
        if (this.#open === opened) this.#open = undefined
      },
    }
  }

  /** What the board says. Nobody hears it while nobody listens. */
  say(text: string): void {
    this.#waiting += text
    if (!this.#delivering) this.#deliverSoon()
  }

  unplug(kind: 'tty-blinks' | 'tty-gone'): void {
    if (this.#away) return
    this.#means.tell('its console adapter vanishes')
    this.#away = kind
    const open = this.#open
    if (!open) return
    this.#means.met(kind)
    open.hearing.gaps.push(open.hearing.bytes)
    open.sink.lost('the adapter vanished')
    this.#lostOnWay.reject(this.#fault('infrastructure/tty-gone', 'it vanished'))
    this.#lostOnWay = Promise.withResolvers<never>()
    this.#lostOnWay.promise.catch(() => undefined)
  }

  plugIn(): void {
    if (!this.#away) return
    this.#means.tell('its console adapter is back')
    this.#away = undefined
    if (!this.#open) return
    this.#open.hearing.gaps.push(this.#open.hearing.bytes)
    this.#open.sink.back()
  }

  #deliverSoon(): void {
    this.#delivering = true
    const { chance } = this.#means
    const ms = chance.between(CHUNK_MS.least, CHUNK_MS.most)
    this.#means.after(ms, () => {
      const count = Math.max(1, Math.floor(ms * BYTES_PER_MS))
      const text = this.#damaged(this.#waiting.slice(0, count))
      this.#waiting = this.#waiting.slice(count)
      this.#delivering = false
      this.#deliver(text)
      if (this.#waiting !== '') this.#deliverSoon()
    })
  }

  #deliver(text: string): void {
    const open = this.#open
    if (!open || this.#away || text === '' || isKilled(open.clock)) return
    const chunk = Buffer.from(text, 'latin1')
    open.hearing.chunks.push(chunk)
    open.hearing.bytes += chunk.length
    open.hearing.arrivals.push({ atMs: open.clock.ticksMs(), end: open.hearing.bytes })
    open.sink.data(chunk)
  }

  async #write(bytes: Uint8Array, clock: Clock, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted()
    if (this.#away) throw this.#fault('infrastructure/tty-gone', 'it is away')
    const text = Buffer.from(bytes).toString('latin1')
    const sent = clock.sleep(0.05 + text.length / BYTES_PER_MS)
    try {
      await abortable(Promise.race([sent, this.#lostOnWay.promise]), signal)
    } catch (error) {
      sent.catch(() => undefined)
      // How much of it got through nobody knows.
      this.toBoard(this.#damaged(text.slice(0, this.#means.chance.below(text.length + 1))))
      throw error
    }
    this.toBoard(this.#damaged(text))
  }

  #damaged(text: string): string {
    if (this.damagedPerMillion === 0) return text
    const { chance } = this.#means
    let result = ''
    for (const char of text) {
      if (!chance.happens(this.damagedPerMillion / 1e6)) {
        result += char
        continue
      }
      this.#means.met('line-noise')
      const kind = chance.below(3)
      if (kind === 1) result += char + char
      if (kind === 2) result += String.fromCharCode(char.charCodeAt(0) ^ (1 << chance.below(8)))
    }
    return result
  }

  #fault(code: 'infrastructure/tty-open' | 'infrastructure/tty-gone', seen: string): Fault {
    return new Fault(code, { expected: `${this.#device} to be there`, seen })
  }
}

/** A process that was killed reads nothing more. */
function isKilled(clock: Clock): boolean {
  return 'killed' in clock && clock.killed === true
}
