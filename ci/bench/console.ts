import { latency } from './console/latency.ts'
import { longRun } from './console/long-run.ts'
import { manyLines } from './console/many-lines.ts'
import { throughput } from './console/throughput.ts'
import type { Bench } from './lib/bench.ts'

/** How fast a console is heard, recorded and searched, how soon an answer is seen, and that nothing of it is lost. */
export default {
  title: 'console: recording and searching beside os-autoinst, pexpect and labgrid on the same ptys',
  parts: [throughput, latency, manyLines, longRun],
} satisfies Bench
