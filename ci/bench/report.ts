import type { Bench } from './lib/bench.ts'
import { matrices } from './report/matrices.ts'
import { reports } from './report/reports.ts'

/** What a lab with a long memory costs: reports of a very large run, statuses from very much evidence. */
export default {
  title: 'report: a run of 100 000 and of a million tests on 40 boards, and as many pieces of evidence',
  parts: [reports, matrices],
} satisfies Bench
