import { stoodStillMs } from '../../../src/base/standstill.ts'
import { humanDuration } from '../../../src/base/text.ts'
import { Chance } from '../../../src/sim/lab/chance.ts'
import { Tally } from '../lib/tally.ts'
import { KillLab } from './kill-lab.ts'
import { Durations } from './moment.ts'
import { killOnce, VICTIMS, type Killed } from './round.ts'

/** What many kills came to. */
export interface Seen {
  readonly killed: readonly Killed[]
  /** What did not hold, with the round that `--only` repeats. */
  readonly failures: readonly string[]
  /** Rounds that were made again, since this process itself stood still in them. */
  readonly disturbed: number
}

/**
 * Kills in round after round, each by a seed of its own, until all are through or somebody has had enough. `lanes`: how many go on
 * beside one another, each on a bench of its own.
 */
export async function campaign(
  rounds: readonly number[],
  seed: string,
  { lanes, enough }: { readonly lanes: number; readonly enough: AbortSignal },
): Promise<Seen> {
  const seen: { killed: Killed[]; failures: string[]; disturbed: number } = { killed: [], failures: [], disturbed: 0 }
  const left = [...rounds]
  using tally = new Tally(rounds.length)
  tally.say(`seed ${seed}`)
  const lane = async (): Promise<void> => {
    const durations = new Durations()
    let at: KillLab | undefined
    for (let round = left.shift(); round !== undefined && !enough.aborted; round = left.shift()) {
      const victim = VICTIMS[round % VICTIMS.length]!
      at ??= await KillLab.open(durations)
      const stillBeforeMs = stoodStillMs()
      const came = await killOnce(at, victim, new Chance(`${seed}/${round}`)).catch((error: unknown) => error as Error)
      const stillMs = stoodStillMs() - stillBeforeMs
      // Ctrl-C goes to all that a round has running: what comes of it says nothing.
      if (came instanceof Error && enough.aborted) tally.say(`round ${round} was cut short`)
      else if (stillMs > 0) {
        seen.disturbed++
        left.unshift(round)
        tally.say(`round ${round} again: this process stood still for ${humanDuration(stillMs)}`)
      } else if (came instanceof Error) {
        seen.failures.push(`round ${round}, ${victim}: ${came.message}`)
        tally.say(`round ${round}, ${victim}: ${came.stack}`)
        tally.round('did not hold')
      } else {
        seen.killed.push(came)
        const { where, offMs, freeMs } = came
        tally.round(`${victim}, ${where}: off after ${humanDuration(offMs)}, free after ${humanDuration(freeMs)}`)
      }
      if (!(came instanceof Error)) continue
      // Whatever came of it must not be met again.
      await at[Symbol.asyncDispose]()
      at = undefined
    }
    await at?.[Symbol.asyncDispose]()
  }
  await Promise.all(Array.from({ length: lanes }, lane))
  return seen
}
