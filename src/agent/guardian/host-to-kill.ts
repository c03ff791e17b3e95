// A run for a test that kills it: its one board has been leased, given back, and leased again.

import { silentLog } from '../../base/log.ts'
import { systemClock } from '../../base/time.ts'
import { loadBench } from '../../bench/load.ts'
import { thisProcess } from '../../bench/lock.ts'
import type { Lease } from '../agent.ts'
import { hostOf } from '../host.ts'

const [, benchPath] = process.argv.slice(2) as ['--bench', string]
const bench = await loadBench(benchPath)
const signal = AbortSignal.timeout(60_000)
const host = await hostOf(bench.name, { clock: systemClock, log: silentLog, signal, isGuarded: true })
const nothing = (): void => undefined
const lease = (): Promise<Lease> =>
  host.lease(bench.boards[0]!, {
    ...{ holder: thisProcess(['run'], systemClock), waitMs: 0, signal },
    listener: { trusted: nothing, note: nothing, fault: nothing, broken: nothing },
  })
{
  await using _first = await lease()
}
await lease()
process.stdout.write('has it again\n')
// Until it is killed.
setInterval(nothing, 60_000)
