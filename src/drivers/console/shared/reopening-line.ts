import { Fault } from '../../../base/fault.ts'
import type { Log } from '../../../base/log.ts'
import { abortable, within, type Clock } from '../../../base/time.ts'
import type { ConsoleLine, ConsoleSink } from '../../../controls/console.ts'
import { paced, type Pace } from './pace.ts'

/** One opening of a line: a port or connection, until it closes. */
export interface Link {
  /** Resolves when the bytes were handed over; rejects when they cannot be, the link having closed included. */
  write(bytes: Uint8Array): Promise<void>
  /** Resolves when the line is free again; that it is closed already is no error. */
  close(): Promise<void>
}

/** What a link tells, from the moment it is open. */
export interface LinkEvents {
  data(chunk: Uint8Array): void
  /** See `ConsoleSink`. */
  room(): Buffer | undefined
  /** It closed, and not by us. Told once. */
  closed(reason: string): void
  /** See `ConsoleSink`. Never told by a link that cannot be shared. */
  robbed(by: string | undefined): void
}

/** Opens the line once. `again`: it was open before, so that what comes now is of this recording. */
export type OpenLink = (events: LinkEvents, signal: AbortSignal, again: boolean) => Promise<Link>

export interface ReopeningOptions extends Pace {
  /** What is open, for messages. */
  readonly device: string
  readonly bitsPerSecond?: number | undefined
  readonly clock: Clock
  readonly log: Log
  readonly sink: ConsoleSink
}

const MIN_BACK_OFF_MS = 10
const MAX_BACK_OFF_MS = 250
/** A line that closes again this soon is not tried so eagerly: every try would be one more gap in the recording. */
const SHORT_LIFE_MS = 2000
const MAX_SHORT_LIFE_BACK_OFF_MS = 5000

/** A line that is read all the time, and opened again whenever it was lost. Writes wait for one another. */
export class ReopeningLine implements ConsoleLine {
  readonly device: string
  readonly #openLink: OpenLink
  readonly #options: ReopeningOptions
  readonly #disposed = new AbortController()
  #link: Link | undefined
  #openedMs = 0
  /** How long to wait before a line that was short-lived is opened again. */
  #patienceMs = MIN_BACK_OFF_MS
  #reopening: Promise<void> = Promise.resolve()
  #writing: Promise<void> = Promise.resolve()

  private constructor(openLink: OpenLink, options: ReopeningOptions) {
    this.#openLink = openLink
    this.#options = options
    this.device = options.device
  }

  static async open(openLink: OpenLink, options: ReopeningOptions, signal: AbortSignal): Promise<ReopeningLine> {
    const line = new ReopeningLine(openLink, options)
    await line.#attach(signal, false)
    return line
  }

  /**
   * Errors: `infrastructure/tty-gone` while the line is away, and when it vanishes under the write, which the sink was told
   * by then; `infrastructure/console-silent` when it takes no bytes.
   */
  async write(bytes: Uint8Array, signal?: AbortSignal): Promise<void> {
    const written = this.#writing.then(async () => await this.#writeNow(bytes, signal))
    this.#writing = written.catch(() => {})
    await written
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed.abort(
      new Fault('cancelled/interrupt', { expected: `${this.device} to be open`, seen: 'it was closed' }),
    )
    await this.#reopening
    const link = this.#link
    this.#link = undefined
    await link?.close()
  }

  async #attach(signal: AbortSignal, again: boolean): Promise<void> {
    const { sink } = this.#options
    // Until it is known whether the line is open at all; then behind the gap.
    let early: Uint8Array[] | undefined = []
    let closed: string | undefined
    const link = await this.#openLink(
      {
        data: chunk => {
          if (this.#disposed.signal.aborted) return
          if (early) early.push(chunk)
          else sink.data(chunk)
        },
        room: () => (early ? undefined : sink.room?.()),
        closed: reason => {
          closed ??= reason
          if (!early && this.#link === link) this.#lose(reason)
        },
        robbed: by => {
          if (!this.#disposed.signal.aborted) sink.robbed(by)
        },
      },
      signal,
      again,
    )
    if (this.#disposed.signal.aborted) return await link.close()
    this.#link = link
    this.#openedMs = this.#options.clock.ticksMs()
    if (again) sink.back()
    for (const chunk of early) sink.data(chunk)
    early = undefined
    if (closed !== undefined) this.#lose(closed)
  }

  #lose(reason: string): void {
    if (this.#disposed.signal.aborted) return
    this.#link = undefined
    this.#options.sink.lost(reason)
    const shortLived = this.#options.clock.ticksMs() - this.#openedMs < SHORT_LIFE_MS
    this.#patienceMs = shortLived ? Math.min(this.#patienceMs * 4, MAX_SHORT_LIFE_BACK_OFF_MS) : MIN_BACK_OFF_MS
    this.#reopening = this.#reopen()
  }

  async #reopen(): Promise<void> {
    const { clock, log } = this.#options
    const signal = this.#disposed.signal
    let lastMessage = ''
    for (let backOffMs = this.#patienceMs; !signal.aborted; backOffMs = nextOf(backOffMs)) {
      await clock.sleep(backOffMs, signal).catch(() => {})
      try {
        await this.#attach(signal, true)
        return
      } catch (error) {
        const { message } = error as Error
        if (message !== lastMessage) log.debug({ device: this.device, message }, 'not back yet')
        lastMessage = message
      }
    }
  }

  async #writeNow(bytes: Uint8Array, signal?: AbortSignal): Promise<void> {
    const until = signal ? AbortSignal.any([this.#disposed.signal, signal]) : this.#disposed.signal
    for (const piece of paced(bytes, this.#options)) {
      await this.#writePiece(piece.bytes, until)
      if (piece.pauseMs > 0) await this.#options.clock.sleep(piece.pauseMs, until)
    }
  }

  async #writePiece(bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    const link = this.#link
    if (!link) throw gone(this.device, 'it is away')
    // 10 bits on the wire for each byte; twice that, and some for the buffers on the way.
    const limitMs = 5000 + (bytes.length * 20_000) / (this.#options.bitsPerSecond ?? 115_200)
    const late = (): Fault =>
      new Fault('infrastructure/console-silent', {
        expected: `${this.device} to take ${bytes.length} bytes in ${Math.round(limitMs)} ms`,
        seen: 'the line takes no bytes',
      })
    try {
      await within(limitMs, late, async signal => await abortable(link.write(bytes), signal), signal)
    } catch (error) {
      if (error instanceof Fault || signal.aborted) throw error
      const { message } = error as Error
      await link.close().catch(() => {})
      if (this.#link === link) this.#lose(message)
      throw gone(this.device, message, error)
    }
  }
}

function nextOf(backOffMs: number): number {
  return Math.max(backOffMs, Math.min(backOffMs * 2, MAX_BACK_OFF_MS))
}

function gone(device: string, seen: string, cause?: unknown): Fault {
  return new Fault('infrastructure/tty-gone', { expected: `to write to ${device}`, seen, cause })
}
