// Holds a board until it is killed: the other process of lock.test.ts.
import { systemClock } from '../base/time.ts'
import { BoardLock, thisProcess } from './lock.ts'

const bench = process.argv[2] ?? ''
await BoardLock.take(bench, 'b', thisProcess(['hold'], systemClock), {
  waitMs: 0,
  clock: systemClock,
  signal: AbortSignal.timeout(60_000),
})
process.send?.('held')
setInterval(() => undefined, 1000)
