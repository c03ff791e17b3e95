// kill -9 of an agent and of runs, at random moments, again and again, on a twin that really boots:
//   npm run proof -- kills [--kills 200] [--seed N] [--only ROUND]
// After each kill: within 10 s the board is off and free, what was told is kept, no verdict is wrong, no offset of the console
// means two bytes, what people hold is held, and the next run passes. What it found is kept in reports/proof/kills.json.
import { relative } from 'node:path'
import { parseArgs } from 'node:util'
import { humanDuration } from '../../src/base/text.ts'
import { Chance } from '../../src/sim/lab/chance.ts'
import { ROOT } from '../e2e/hil.ts'
import { KillLab } from './kills/kill-lab.ts'
import { Durations } from './kills/moment.ts'
import { killOnce, VICTIMS, type Killed, type Victim } from './kills/round.ts'
import { keepResult } from './lib/result.ts'
import { Tally } from './lib/tally.ts'

const { values } = parseArgs({
  allowPositionals: true,
  options: {
    kills: { type: 'string', default: '200' },
    seed: { type: 'string', default: String(Date.now() % 1e6) },
    only: { type: 'string' },
  },
})
const rounds =
  values.only === undefined ? Array.from({ length: Number(values.kills) }, (_, n) => n + 1) : [Number(values.only)]
const beganMs = Date.now()
const killed: Killed[] = []
const failures: string[] = []
const durations = new Durations()
let at: KillLab | undefined
{
  using tally = new Tally(rounds.length)
  tally.say(`seed ${values.seed}`)
  for (const round of rounds) {
    const victim = VICTIMS[round % VICTIMS.length]!
    at ??= await KillLab.open(durations)
    try {
      const seen = await killOnce(at, victim, new Chance(`${values.seed}/${round}`))
      killed.push(seen)
      tally.round(
        `${victim}, ${seen.where}: off after ${humanDuration(seen.offMs)}, free after ${humanDuration(seen.freeMs)}`,
      )
    } catch (error) {
      failures.push(`round ${round}, ${victim}: ${(error as Error).message}`)
      tally.say(`round ${round}, ${victim}: ${(error as Error).stack}`)
      tally.round('did not hold')
      // Whatever came of it must not be met again.
      await at[Symbol.asyncDispose]()
      at = undefined
    }
  }
  await at?.[Symbol.asyncDispose]()
}

const longest = (of: (one: Killed) => number): number => Math.round(Math.max(0, ...killed.map(of)))
const counted = <K extends string>(of: (one: Killed) => K): Partial<Record<K, number>> =>
  Object.fromEntries(
    Object.entries(Object.groupBy(killed, of)).map(([name, ones]) => [name, (ones as Killed[]).length]),
  ) as Partial<Record<K, number>>
const offMs = longest(one => one.offMs)
const line = `${killed.length} of ${rounds.length} kills left nothing behind; a board was on for at most ${humanDuration(offMs)}; seed ${values.seed}`
process.stdout.write(`${line}\n`)
if (values.only === undefined) {
  const found = {
    seed: values.seed,
    kills: rounds.length,
    longestUntilOffMs: offMs,
    longestUntilFreeMs: longest(one => one.freeMs),
    byVictim: counted<Victim>(({ victim }) => victim),
    byPart: counted(({ part }) => part),
    byPlace: counted(({ where }) => where),
  }
  process.stdout.write(`${relative(ROOT, keepResult('kills', { line, beganMs, found, failures }))}\n`)
}
process.exitCode = failures.length > 0 ? 1 : 0
