import type { Clock } from '../../base/time.ts'

/** Things that arrive, for one reader who waits for the next. */
export class Inbox<T> {
  readonly #clock: Clock
  readonly #things: T[] = []
  #wake: (() => void) | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  push(thing: T): void {
    this.#things.push(thing)
    this.#wake?.()
  }

  clear(): void {
    this.#things.length = 0
  }

  /** The next thing; undefined after `limitMs` without one. Rejects with the signal's reason. */
  async next(limitMs: number, signal: AbortSignal): Promise<T | undefined> {
    signal.throwIfAborted()
    if (this.#things.length > 0) return this.#things.shift()
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const onAbort = (): void => reject(signal.reason as Error)
    this.#wake = resolve
    const timer = this.#clock.after(Math.max(0, limitMs), resolve)
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      await promise
    } finally {
      timer[Symbol.dispose]()
      signal.removeEventListener('abort', onAbort)
      this.#wake = undefined
    }
    return this.#things.shift()
  }
}
