import { asFault, Fault } from '../base/fault.ts'
import { abortable, within, type Clock } from '../base/time.ts'
import type { RecoveryStep } from '../model/event.ts'
import { nextStep, type LadderBudget, type Rung, type Tried } from '../model/ladder.ts'

/** Brings a board to where a rung leads, and gives back the boot that is then trusted. */
export type RungWork = (signal: AbortSignal) => Promise<string | undefined>

export interface Climb {
  /** What the board is in; undefined: a session ended uncleanly. */
  readonly trouble: Fault | undefined
  readonly why: string
  /** What was tried already, by somebody with other means. */
  readonly tried?: readonly Tried[]
  /** The rungs there are means for. */
  readonly means: Readonly<Partial<Record<Rung, RungWork>>>
  readonly budget: LadderBudget
  readonly clock: Clock
  readonly signal: AbortSignal
  /** Told of each rung when it begins and when it is over. Must not throw. */
  readonly tell: (step: RecoveryStep) => void
  /** How long work that was told to stop is waited for: what it has in hand it puts back meanwhile. Default: ten seconds. */
  readonly letsGoMs?: number
}

/**
 * Walks the ladder until the board is trusted; gives back why it is not, where nothing helped. Errors: the signal's reason.
 */
export async function climb({
  trouble,
  why,
  means,
  budget,
  clock,
  signal,
  tell,
  letsGoMs = 10_000,
  ...more
}: Climb): Promise<Fault | undefined> {
  const able = new Set(Object.keys(means) as Rung[])
  const tried: Tried[] = [...(more.tried ?? [])]
  let last = trouble
  for (;;) {
    const step = nextStep({ trouble: trouble?.code ?? null, tried, able, budget })
    if (step.do === 'trusted') return undefined
    if (step.do === 'lost') return last ?? unmendable(step.why)
    const { rung, limitMs } = step
    const about = { rung, why, ...(trouble && { trouble: trouble.record() }) }
    tell({ ...about, state: 'begin' })
    const startedMs = clock.ticksMs()
    try {
      const work = (limited: AbortSignal): Promise<string | undefined> =>
        untilLetGo(means[rung]!(limited), limited, letsGoMs, clock)
      const bootId = await within(limitMs, () => tooSlow(rung, limitMs), work, signal, clock)
      const durationMs = clock.ticksMs() - startedMs
      tried.push({ rung, fault: null, durationMs })
      tell({ ...about, state: 'end', durationMs, ...(bootId !== undefined && { bootId }) })
    } catch (error) {
      signal.throwIfAborted()
      const durationMs = clock.ticksMs() - startedMs
      const fault = asFault(error)
      last ??= fault
      tried.push({ rung, fault: fault.code, durationMs })
      tell({ ...about, state: 'end', durationMs, fault: fault.record() })
    }
  }
}

/**
 * Like `abortable`, but does not leave before the work has: by then the board may be somebody else's, or on another rung. Work
 * that takes no notice is left in the end.
 */
async function untilLetGo<T>(work: Promise<T>, signal: AbortSignal, limitMs: number, clock: Clock): Promise<T> {
  try {
    return await abortable(work, signal)
  } finally {
    const over = Promise.allSettled([work])
    const late = (): Fault => new Fault('internal/bug', { expected: 'work that stops when told to', seen: 'no end' })
    await within(limitMs, late, limited => abortable(over, limited), undefined, clock).catch(() => undefined)
  }
}

function tooSlow(rung: Rung, limitMs: number): Fault {
  return new Fault('infrastructure/console-silent', {
    expected: `${rung} to bring the board back within ${Math.round(limitMs / 1000)} s`,
    seen: 'it did not',
  })
}

function unmendable(why: string): Fault {
  return new Fault('infrastructure/board-gone', { expected: 'a board that can be trusted', seen: why })
}
