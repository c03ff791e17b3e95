/** A console line that is away, and whether it comes back in time. */
export class Absence implements Disposable {
  readonly #limitMs: number
  readonly #onOver: (reason: string) => void
  #reason: string | undefined
  #timer: NodeJS.Timeout | undefined
  #waiting: PromiseWithResolvers<void> | undefined

  /** `onOver`: told once when the line did not come back within `limitMs`. */
  constructor(limitMs: number, onOver: (reason: string) => void) {
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
    clearTimeout(this.#timer)
    this.#waiting ??= Promise.withResolvers()
    this.#timer = setTimeout(() => {
      this.#onOver(reason)
      this.#settle()
    }, this.#limitMs)
  }

  over(): void {
    this.#reason = undefined
    this.#settle()
  }

  [Symbol.dispose](): void {
    this.#settle()
  }

  #settle(): void {
    clearTimeout(this.#timer)
    this.#waiting?.resolve()
    this.#waiting = undefined
  }
}
