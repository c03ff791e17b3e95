import { Fault } from '../base/fault.ts'
import type { Clock } from '../base/time.ts'
import type { Power } from '../controls/power.ts'

const POLL_MS = 400

/**
 * Whether a board that should be running is: the first trouble seen since power-on, as a fault and as an abort signal
 * for everything that waits on the board.
 *
 * Trouble is told at once, by whoever sees it: a death on the console, a vanished tty, the power driver asked every
 * 400 ms why the board stopped.
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
    if (power.stopReason) this.#watch = this.#poll(power, this.#session, lastLines)
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
