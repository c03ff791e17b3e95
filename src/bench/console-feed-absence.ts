import type { Clock } from '../base/time.ts'

/** A console line that is away, and whether it comes back in time. */
export class Absence implements Disposable {
  readonly #clock: Clock
  readonly #limitMs: number
  readonly #onOver: (reason: string) => void
  #reason: string | undefined
  #timer: Disposable | undefined
  #waiting: PromiseWithResolvers<void> | undefined

  /** `onOver`: told once when the line did not come back within `limitMs`. */
  constructor(clock: Clock, limitMs: number, onOver: (reason: string) => void) {
    this.#clock = clock
    this.#limitMs = limitMs
    this.#onOver = onOver
  }

  /** Why the line is away at the moment; undefined: it is not. */
  get reason(): string | undefined {
    return this.#reason
  }

  /** Settles when the line is back, or is waited for no longer; undefined: there is nothing to wait for. */
  get end(): Promise<void> | undefined {
    return this.#waiting?.promise
  }

  begin(reason: string): void {
    this.#reason = reason
    this.#timer?.[Symbol.dispose]()
    this.#waiting ??= Promise.withResolvers()
    this.#timer = this.#clock.after(this.#limitMs, () => {
      this.#onOver(reason)
      this.#settle()
    })
  }

  over(): void {
    this.#reason = undefined
    this.#settle()
  }

  [Symbol.dispose](): void {
    this.#settle()
  }

  #settle(): void {
    this.#timer?.[Symbol.dispose]()
    this.#waiting?.resolve()
    this.#waiting = undefined
  }
}
