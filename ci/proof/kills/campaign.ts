import { humanDuration } from '../../../src/base/text.ts'
import { Chance } from '../../../src/sim/lab/chance.ts'
import { Heartbeat } from '../lib/heartbeat.ts'
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

/** Kills in round after round, each by a seed of its own, until all are through or somebody has had enough. */
export async function campaign(rounds: readonly number[], seed: string, enough: AbortSignal): Promise<Seen> {
  const killed: Killed[] = []
  const failures: string[] = []
  const left = [...rounds]
  const durations = new Durations()
  let disturbed = 0
  let at: KillLab | undefined
  using heart = new Heartbeat()
  using tally = new Tally(rounds.length)
  tally.say(`seed ${seed}`)
  for (let round = left.shift(); round !== undefined && !enough.aborted; round = left.shift()) {
    const victim = VICTIMS[round % VICTIMS.length]!
    at ??= await KillLab.open(durations)
    heart.take()
    const seen = await killOnce(at, victim, new Chance(`${seed}/${round}`)).catch((error: unknown) => error as Error)
    const stillMs = heart.take()
    if (stillMs > 0) {
      disturbed++
      left.unshift(round)
      tally.say(`round ${round} again: this process stood still for ${humanDuration(stillMs)}`)
    } else if (seen instanceof Error) {
      failures.push(`round ${round}, ${victim}: ${seen.message}`)
      tally.say(`round ${round}, ${victim}: ${seen.stack}`)
      tally.round('did not hold')
    } else {
      killed.push(seen)
      const { where, offMs, freeMs } = seen
      tally.round(`${victim}, ${where}: off after ${humanDuration(offMs)}, free after ${humanDuration(freeMs)}`)
    }
    if (!(seen instanceof Error)) continue
    // Whatever came of it must not be met again.
    await at[Symbol.asyncDispose]()
    at = undefined
  }
  await at?.[Symbol.asyncDispose]()
  return { killed, failures, disturbed }
}
