import { setTimeout as delay } from 'node:timers/promises'
import type { Fault } from './fault.ts'
import { stoodStillMs } from './standstill.ts'

/** Time as a parameter, so that a simulation can turn it by hand. */
export interface Clock {
  /** Wall clock in ms since the epoch: for logs and evidence, may jump. */
  nowMs(): number
  /** Monotonic ms: for durations and limits. Never jumps; time in which this process stood still is none. */
  ticksMs(): number
  /** Resolves after `ms`, rejects with the signal's reason when aborted first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
  /** Calls `act` after `ms`, unless disposed first. */
  after(ms: number, act: () => void): Disposable
  /** Aborts after `ms` with a `TimeoutError`. Keeps no process alive. */
  timeout(ms: number): AbortSignal
}

const ticksMs = (): number => performance.now() - stoodStillMs()

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  ticksMs,
  sleep: async (ms, signal) => {
    try {
      await delay(ms, undefined, signal ? { signal } : {})
    } catch (error) {
      throw signal?.aborted ? signal.reason : error
    }
  },
  after: (ms, act) => {
    const timer = new PatientTimer(ms, act)
    return { [Symbol.dispose]: () => timer[Symbol.dispose]() }
  },
  timeout: ms => {
    const limit = new AbortController()
    new PatientTimer(ms, () => limit.abort(new DOMException('it took too long', 'TimeoutError'))).unref()
    return limit.signal
  },
}

/** A timer that does not count the time in which this process stood still. */
class PatientTimer implements Disposable {
  readonly #dueMs: number
  readonly #act: () => void
  #timer: NodeJS.Timeout
  #isRef = true

  constructor(ms: number, act: () => void) {
    this.#dueMs = ticksMs() + ms
    this.#act = act
    this.#timer = setTimeout(this.#look, ms)
  }

  unref(): void {
    this.#isRef = false
    this.#timer.unref()
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer)
  }

  // Platform timers count whole milliseconds, and may be early by a part of one.
  readonly #look = (): void => {
    const leftMs = this.#dueMs - ticksMs()
    if (leftMs <= 1) return this.#act()
    this.#timer = setTimeout(this.#look, leftMs)
    if (!this.#isRef) this.#timer.unref()
  }
}

/** Calls `act` every `ms`, until disposed. */
export function every(clock: Clock, ms: number, act: () => void): Disposable {
  let timer: Disposable
  const wait = (): void => {
    timer = clock.after(ms, () => {
      wait()
      act()
    })
  }
  wait()
  return { [Symbol.dispose]: () => timer[Symbol.dispose]() }
}

/**
 * Runs `work` for at most `limitMs` and throws `late()` when it takes longer: the blame of a timeout is chosen here, by
 * whoever waits, because only they know what they were waiting for.
 *
 * `work` must honour the signal it is handed; an abort of `signal` wins over the limit.
 */
export async function within<T>(
  limitMs: number,
  late: () => Fault | Promise<Fault>,
  work: (signal: AbortSignal) => Promise<T>,
  signal?: AbortSignal,
  clock: Clock = systemClock,
): Promise<T> {
  signal?.throwIfAborted()
  const limit = new AbortController()
  const timer = clock.after(limitMs, () => limit.abort(new LimitReached()))
  try {
    return await work(signal ? AbortSignal.any([signal, limit.signal]) : limit.signal)
  } catch (error) {
    if (limit.signal.aborted && !signal?.aborted && (error === limit.signal.reason || isAbort(error)))
      throw await late()
    throw error
  } finally {
    timer[Symbol.dispose]()
  }
}

/** Settles like `promise`, but rejects with the signal's reason as soon as that aborts. */
export function abortable<T>(promise: Promise<T>, signal?: AbortSignal): Promise<T> {
  if (!signal) return promise
  if (signal.aborted) {
    // Nobody will look at it any more; its own failure must not end the process.
    promise.catch(() => {})
    return Promise.reject(signal.reason as Error)
  }
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const onAbort = (): void => reject(signal.reason as Error)
  signal.addEventListener('abort', onAbort, { once: true })
  return Promise.race([promise, aborted]).finally(() => signal.removeEventListener('abort', onAbort))
}

class LimitReached extends Error {
  override name = 'AbortError'
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError'
}
