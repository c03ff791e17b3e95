import pRetry from 'p-retry'
import type { Clock } from './time.ts'

export interface RetryOptions {
  readonly clock: Clock
  readonly spacingMs: number
  /** Whether an error is worth another try. */
  readonly again: (error: unknown) => boolean
  readonly signal: AbortSignal
}

/** Does `work` until it succeeds, with a pause between two tries. Errors: one that is not worth another; the signal's reason. */
export async function retried<T>(work: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { clock, spacingMs, again, signal } = options
  signal.throwIfAborted()
  return await pRetry(work, {
    retries: Infinity,
    // The package pauses by the platform's timers; the clock that is handed in may be another.
    minTimeout: 0,
    onFailedAttempt: async ({ error }) => {
      signal.throwIfAborted()
      if (!again(error)) throw error
      await clock.sleep(spacingMs, signal)
    },
  })
}
