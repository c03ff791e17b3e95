import { setTimeout as delay } from 'node:timers/promises'
import type { Fault } from './fault.ts'

/** Time as a parameter, so that a simulation can turn it by hand. */
export interface Clock {
  /** Wall clock in ms since the epoch: for logs and evidence, may jump. */
  nowMs(): number
  /** Monotonic ms: for durations and limits, never jumps. */
  ticksMs(): number
  /** Resolves after `ms`, rejects with the signal's reason when aborted first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
  /** Calls `act` after `ms`, unless disposed first. */
  after(ms: number, act: () => void): Disposable
  /** Aborts after `ms` with a `TimeoutError`. Keeps no process alive. */
  timeout(ms: number): AbortSignal
}

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  ticksMs: () => performance.now(),
  sleep: async (ms, signal) => {
    try {
      await delay(ms, undefined, signal ? { signal } : {})
    } catch (error) {
      throw signal?.aborted ? signal.reason : error
    }
  },
  after: (ms, act) => {
    const timer = setTimeout(act, ms)
    return { [Symbol.dispose]: () => clearTimeout(timer) }
  },
  timeout: ms => AbortSignal.timeout(ms),
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
