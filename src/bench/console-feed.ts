import { setTimeout as delay } from 'node:timers/promises'
import { Fault } from '../base/fault.ts'
import type { Console, ConsoleLine, ConsolePort, ExpectOptions, Match } from '../controls/console.ts'
import { linesAround, watchDeaths } from './deaths.ts'
import { expectIn } from './expect.ts'
import type { Recording } from './recording.ts'
import type { Vitals } from './vitals.ts'

/** How long a vanished adapter may take to come back (a hub that re-enumerates) before the board counts as lost. */
const RETURN_LIMIT_MS = 5000
/** How long to go on listening after a death line, so that the lines behind it can be quoted. */
const AFTERMATH_MS = 300

/** A board's console at work: the line feeds the recording, death patterns and a vanished tty feed the vitals. */
export class ConsoleFeed implements ConsolePort, AsyncDisposable {
  readonly recording: Recording
  readonly #vitals: Vitals
  #line: ConsoleLine | undefined
  #deaths: Disposable | undefined
  #returnTimer: NodeJS.Timeout | undefined
  #aftermath: Promise<void> = Promise.resolve()

  private constructor(recording: Recording, vitals: Vitals) {
    this.recording = recording
    this.#vitals = vitals
  }

  static async open(driver: Console, recording: Recording, vitals: Vitals, signal: AbortSignal): Promise<ConsoleFeed> {
    const feed = new ConsoleFeed(recording, vitals)
    feed.#deaths = watchDeaths(recording, death => {
      feed.#aftermath = delay(AFTERMATH_MS).then(() => vitals.report(deathFault(recording, death.name, death.offset)))
    })
    const sink = {
      data: (chunk: Uint8Array) => recording.append(chunk),
      lost: (reason: string) => feed.#lost(reason),
      back: () => {
        clearTimeout(feed.#returnTimer)
        recording.gap('the console adapter came back')
      },
    }
    feed.#line = await driver.open(sink, signal)
    return feed
  }

  end(): number {
    return this.recording.end
  }

  slice(from: number, to?: number): Buffer {
    return this.recording.slice(from, to)
  }

  expect(pattern: RegExp, options: ExpectOptions): Promise<Match> {
    const alive = this.#vitals.signal
    // What was waited for may have been said into a gap: then nobody knows, and nobody is to blame but the cable.
    const late = async (): Promise<Error> => {
      const gap = this.recording.gapSince(options.from)
      if (gap === undefined) return options.late()
      return new Fault('infrastructure/tty-gone', {
        expected: `${this.#line?.device ?? 'the console'} to stay plugged in`,
        seen: `${gap} while something was waited for, so that it may have been missed`,
      })
    }
    return expectIn(this.recording, pattern, {
      ...options,
      late,
      signal: options.signal ? AbortSignal.any([alive, options.signal]) : alive,
    })
  }

  /** Resolves when a death that was seen has been reported. */
  settled(): Promise<void> {
    return this.#aftermath
  }

  async write(text: string | Uint8Array): Promise<void> {
    this.#vitals.signal.throwIfAborted()
    await this.#line?.write(typeof text === 'string' ? Buffer.from(text) : text)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#returnTimer)
    this.#deaths?.[Symbol.dispose]()
    await this.#line?.[Symbol.asyncDispose]()
  }

  #lost(reason: string): void {
    this.recording.gap(reason)
    clearTimeout(this.#returnTimer)
    this.#returnTimer = setTimeout(
      () =>
        this.#vitals.report(
          new Fault('infrastructure/tty-gone', {
            expected: `${this.#line?.device ?? 'the console'} to stay plugged in`,
            seen: `${reason}, and it did not come back within ${RETURN_LIMIT_MS / 1000} s`,
          }),
        ),
      RETURN_LIMIT_MS,
    )
  }
}

function deathFault(recording: Recording, name: string, offset: number): Fault {
  return new Fault('product/panic', {
    expected: 'a kernel that keeps running',
    seen: `a ${name} on the console`,
    evidence: linesAround(recording, offset),
  })
}
