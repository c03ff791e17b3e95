import { Fault } from '../base/fault.ts'
import type { Clock } from '../base/time.ts'
import type { Power } from '../controls/power.ts'

const POLL_MS = 400
/** A supply that does not know why a board stops is only asked whether it is on; to some that is a program to be run. */
const SUPPLY_POLL_MS = 5000
const SURE_MS = 1000

/**
 * Whether a board that should be running is: the first trouble seen since power-on, as a fault and as an abort signal
 * for everything that waits on the board.
 *
 * Trouble is told at once, by whoever sees it: a death on the console, a vanished tty, the power driver asked every
 * 400 ms why the board stopped, or a supply every 5 s whether it is still on: one that came back by then looks as if
 * the board had started anew by itself.
 */
export class Vitals implements AsyncDisposable {
  readonly #clock: Clock
  #session = new AbortController()
  #trouble: Fault | undefined
  #watch: Promise<void> | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** The first trouble since power-on. */
  get trouble(): Fault | undefined {
    return this.#trouble
  }

  /** Aborts with the trouble as its reason. */
  get signal(): AbortSignal {
    return this.#session.signal
  }

  /** Begins a new session: the board was just switched on and should live from now on. `lastLines`: what it said before it stopped. */
  async begin(power: Power, lastLines: () => readonly string[] = () => []): Promise<void> {
    await this.end()
    this.#trouble = undefined
    this.#session = new AbortController()
    this.#watch = power.stopReason
      ? this.#poll(power, this.#session, lastLines)
      : this.#pollSupply(power, this.#session, lastLines)
  }

  /** Ends the session: from now on the board may stop. A trouble stays known. */
  async end(): Promise<void> {
    this.#session.abort(
      new Fault('cancelled/interrupt', { expected: 'the board to stay on', seen: 'it was switched off on purpose' }),
    )
    await this.#watch
    this.#watch = undefined
  }

  report(trouble: Fault): void {
    if (this.#session.signal.aborted) return
    this.#trouble = trouble
    this.#session.abort(trouble)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end()
  }

  async #poll(power: Power, session: AbortController, lastLines: () => readonly string[]): Promise<void> {
    while (!session.signal.aborted) {
      try {
        await this.#clock.sleep(POLL_MS, session.signal)
        const reason = await power.stopReason?.(session.signal)
        if (reason) this.report(stopFault(reason.by, reason.detail, lastLines()))
      } catch {
        // Asking failed or the session ended; the next question, or nobody, will tell.
      }
    }
  }

  async #pollSupply(power: Power, session: AbortController, lastLines: () => readonly string[]): Promise<void> {
    const { signal } = session
    const isOff = async (): Promise<boolean> => (await power.state(signal)) === 'off'
    while (!signal.aborted) {
      try {
        await this.#clock.sleep(SUPPLY_POLL_MS, signal)
        if (!(await isOff())) continue
        await this.#clock.sleep(SURE_MS, signal)
        if (await isOff())
          this.report(stopFault('outside', 'its power reads off, and nobody switched it off', lastLines()))
      } catch {
        // As above.
      }
    }
  }
}

function stopFault(by: 'guest' | 'outside', detail: string, evidence: readonly string[]): Fault {
  return by === 'guest'
    ? new Fault('product/shutdown', {
        expected: 'the board to stay on',
        seen: `it switched itself off: ${detail}`,
        evidence,
      })
    : new Fault('infrastructure/board-gone', { expected: 'the board to keep its power', seen: detail, evidence })
}
