// kill -9 of an agent and of runs, at random moments, again and again, on a twin that really boots:
//   npm run proof -- kills [--kills 200] [--lanes N] [--seed N] [--only ROUND]
// After each kill: within 10 s the board is off and free, what was told is kept, no verdict is wrong, no offset of the console
// means two bytes, what people hold is held, and the next run passes. What it found is kept in reports/proof/kills.json; Ctrl-C
// ends it after the round.
import { relative } from 'node:path'
import { parseArgs } from 'node:util'
import { humanDuration } from '../../src/base/text.ts'
import { ROOT } from '../e2e/hil.ts'
import { campaign } from './kills/campaign.ts'
import { foundIn } from './kills/found.ts'
import { keepResult } from './lib/result.ts'

const { values } = parseArgs({
  allowPositionals: true,
  options: {
    kills: { type: 'string', default: '200' },
    lanes: { type: 'string', default: '1' },
    seed: { type: 'string', default: String(Date.now() % 1e6) },
    only: { type: 'string' },
  },
})
const { kills, lanes, seed, only } = values
const rounds = only === undefined ? Array.from({ length: Number(kills) }, (_, n) => n + 1) : [Number(only)]
for (const [name, value] of Object.entries({ kills, lanes }))
  if (!(Number(value) >= 1)) throw new Error(`--${name} ${value}: a number from 1 on is needed`)
const beganMs = Date.now()
const interrupted = new AbortController()
process.once('SIGINT', () => interrupted.abort())
const seen = await campaign(rounds, seed, { lanes: Number(lanes), enough: interrupted.signal })
const found = foundIn(seen)
const line =
  `${seen.killed.length} of ${seen.killed.length + seen.failures.length} kills left nothing behind; ` +
  `a board was on for at most ${humanDuration(found.longestUntilOffMs)} after one; seed ${seed}`
process.stdout.write(`${line}\n`)
if (only === undefined) {
  const path = keepResult('kills', {
    line,
    beganMs,
    found: { seed, lanes: Number(lanes), ...found },
    failures: seen.failures,
  })
  process.stdout.write(`${relative(ROOT, path)}\n`)
}
process.exitCode = seen.failures.length > 0 ? 1 : 0
