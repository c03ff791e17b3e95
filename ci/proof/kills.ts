import { relative } from 'node:path'
import { Command } from 'commander'
import { humanDuration } from '../../src/base/text.ts'
import { wholeNumber } from '../../src/cli/options.ts'
import { ROOT } from '../e2e/hil.ts'
import { campaign } from './kills/campaign.ts'
import { foundIn } from './kills/found.ts'
import { keepResult } from './lib/result.ts'

/** 200 of agents and 200 of runs; of fewer the result is only told. */
const WHOLE = 400

interface Options {
  readonly kills: number
  readonly lanes: number
  readonly seed?: string
  readonly only?: number
}

export const kills = new Command('kills')
  .description('kill -9 of an agent and of runs, at random moments, again and again, on a twin that really boots')
  .option('--kills <number>', `how many; the result of fewer than ${WHOLE} is not kept`, wholeNumber('kills', 1), WHOLE)
  .option('--lanes <number>', 'how many at once, each on a bench of its own', wholeNumber('lanes', 1), 1)
  .option('--seed <text>', 'of the moments; another one each time if none is given')
  .option('--only <round>', 'only this round of a seed; its result is not kept', wholeNumber('the round', 1))
  .addHelpText(
    'after',
    `
After each kill: within 10 s the board is off and free, what was told is kept, no verdict is wrong, no offset of the console
means two bytes, what people hold is held, and the next run passes. Ctrl-C ends it after the round. Half of them strike
an agent, half a run. ${WHOLE} on two lanes take an hour to an hour and a half.

Examples:
  npm run proof -- kills --lanes 2
  npm run proof -- kills --seed 193624 --only 17`,
  )
  .action(prove)

/** Kills, tells what came of it, and keeps it. */
async function prove({ kills, lanes, seed = String(Date.now() % 1e6), only }: Options): Promise<void> {
  const rounds = only === undefined ? Array.from({ length: kills }, (_, n) => n + 1) : [only]
  const beganMs = Date.now()
  const interrupted = new AbortController()
  process.once('SIGINT', () => interrupted.abort())
  const seen = await campaign(rounds, seed, { lanes, enough: interrupted.signal })
  const found = foundIn(seen)
  const line =
    `${seen.killed.length} of ${seen.killed.length + seen.failures.length} kills left nothing behind; ` +
    `a board was on for at most ${humanDuration(found.longestUntilOffMs)} after one; seed ${seed}`
  process.stdout.write(`${line}\n`)
  if (seen.killed.length + seen.failures.length >= WHOLE) {
    const path = keepResult('kills', {
      line,
      beganMs,
      found: { seed, lanes, ...found },
      failures: seen.failures,
    })
    process.stdout.write(`${relative(ROOT, path)}\n`)
  }
  process.exitCode = seen.failures.length > 0 ? 1 : 0
}
