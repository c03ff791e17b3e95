import type { Bench } from './lib/bench.ts'
import { login } from './first-run/login.ts'
import { roundTrips } from './first-run/round-trips.ts'
import { suites, twins } from './first-run/twins.ts'

/** What a user waits for in a first run, each figure beside the least a script would need for the same. */
export default {
  title: 'first-run: the time hil adds to boards that boot and tests that run',
  parts: [login, roundTrips, twins, suites],
} satisfies Bench
