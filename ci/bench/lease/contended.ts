import { availableParallelism } from 'node:os'
import type { Part } from '../lib/bench.ts'
import { measured, unmeasured, type Row } from '../lib/row.ts'
import { NOT_WATCHED, watchStandstills } from '../lib/standstill.ts'
import { Clients, MANY, type Load } from './load.ts'
import { noNats } from './nats-server.ts'
import { NATS, openPlaces } from './places.ts'
import { busy, longest, type Busy } from './seen.ts'

/** Five runs, as is usual, make a minute. */
const RUN_MS = 12_000
const AT_MOST_MEANS = 3
/** The one of the distribution's package needs a WAMP router, which no package brings. */
const NO_LABGRID = 'its coordinator (python3-labgrid 0.4) needs crossbar, which the distribution does not have'

/** All boards are had all the time, and all clients but ten wait. */
export const contended: Part = {
  name: 'contended',
  measure: async ({ runs, say }) => {
    say(`${MANY.clients} clients on 10 boards, as fast as they can, for ${(RUN_MS * runs) / 1000} s`)
    await using places = await openPlaces()
    await using watch = await watchStandstills()
    const many: Load = { ...MANY, forMs: RUN_MS, apart: availableParallelism() > 1 }
    await using agent = await Clients.open(places.agent, many)
    await using nats = places.nats && (await Clients.open(places.nats, many))
    const ours: Busy[] = []
    const theirs: Busy[] = []
    for (let run = 0; run < runs; run++) {
      ours.push(busy(await agent.run(), watch?.spans() ?? []))
      if (nats) theirs.push(busy(await nats.run(), watch?.spans() ?? []))
    }
    return rows(ours, theirs, watch !== undefined)
  },
}

function rows(ours: readonly Busy[], theirs: readonly Busy[], isWatched: boolean): Row[] {
  const both = (figure: (run: Busy) => number) => ({
    values: ours.map(figure),
    against: { name: NATS, values: theirs.map(figure) },
  })
  /** Of the run in which it was the most. */
  const worst = (figure: (run: Busy) => number) => ({
    values: [longest(ours.map(figure))],
    against: { name: NATS, values: theirs.length > 0 ? [longest(theirs.map(figure))] : [] },
  })
  const name = `take and give back, ${MANY.clients} clients on 10 boards`
  const double = ours.reduce((sum, run) => sum + run.double, 0)
  const inMeans = { name: 'longest wait over mean', unit: 'times' } as const
  const target = { atMost: AT_MOST_MEANS }
  return [
    measured({
      ...{ name, unit: 'pairs/s', target: { atLeast: 2000 } },
      ...both(({ pairs, seconds }) => pairs / seconds),
    }),
    measured({ name: 'wait, mean', unit: 'ms', ...both(({ meanMs }) => meanMs) }),
    measured({ name: 'wait, longest', unit: 'ms', ...both(({ longestMs }) => longestMs) }),
    ...(isWatched
      ? [
          measured({ name: 'this host stood still, longest', unit: 'ms', ...both(run => run.longestStandstillMs) }),
          measured({ name: '  all in all, in a run', unit: 'ms', ...both(run => run.allStandstillsMs) }),
          measured({ ...inMeans, ...worst(run => run.longestMs / run.meanMs) }),
          measured({
            ...{ ...inMeans, name: `${inMeans.name}, without standstills` },
            ...worst(run => run.longestInMeans),
            target,
          }),
        ]
      : [
          unmeasured('this host stood still, longest', 'ms', NOT_WATCHED),
          measured({ ...inMeans, ...worst(run => run.longestInMeans), target }),
        ]),
    measured({ name: 'two owners of one board', unit: 'answers', values: [double], target: { atMost: 0 } }),
    ...(noNats === undefined ? [] : [unmeasured(`${name}: NATS KV`, 'pairs/s', noNats)]),
    unmeasured(`${name}: labgrid`, 'pairs/s', NO_LABGRID),
  ]
}
