import { availableParallelism } from 'node:os'
import type { BenchOptions, Part } from '../lib/bench.ts'
import { measured, unmeasured, type Row } from '../lib/row.ts'
import { NOT_WATCHED, watchStandstills } from '../lib/standstill.ts'
import { Clients, MANY, type Load } from './load.ts'
import { noNats } from './nats-server.ts'
import { NATS, openPlaces } from './places.ts'
import { busy, longest, type Busy } from './seen.ts'

/** Five runs, as is usual, make a minute. */
const RUN_MS = 12_000
const AT_MOST_MEANS = 3
/** Ten boards had for so long change hands some 2600 times a second, more often than they have to. */
const HELD_MS = 3
/** The one of the distribution's package needs a WAMP router, which no package brings. */
const NO_LABGRID = 'its coordinator (python3-labgrid 0.4) needs crossbar, which the distribution does not have'

/** All boards are had all the time, and all clients but ten wait. */
export const contended: Part = {
  name: 'contended',
  measure: options => measure(options, 'as fast as they can'),
}

/**
 * The same with clients who have what they took, as everybody has who takes a board: whether all come to their turn. Of a wait for
 * boards that nobody keeps all is the processors' time to hand them on, and the longest is this host's slowest moment.
 */
export const held: Part = {
  name: 'held',
  measure: options => measure(options, `each has its board for ${HELD_MS} ms`, HELD_MS),
}

async function measure({ runs, say }: BenchOptions, how: string, heldMs = 0): Promise<Row[]> {
  say(`${MANY.clients} clients on 10 boards, ${how}, for ${(RUN_MS * runs) / 1000} s`)
  await using places = await openPlaces()
  await using watch = await watchStandstills()
  const many: Load = { ...MANY, heldMs, forMs: RUN_MS, apart: availableParallelism() > 1 }
  await using agent = await Clients.open(places.agent, many)
  await using nats = places.nats && (await Clients.open(places.nats, many))
  const ours: Busy[] = []
  const theirs: Busy[] = []
  for (let run = 0; run < runs; run++) {
    ours.push(busy(await agent.run(), watch?.spans() ?? []))
    if (nats) theirs.push(busy(await nats.run(), watch?.spans() ?? []))
  }
  return rows(heldMs, ours, theirs, watch !== undefined)
}

function rows(heldMs: number, ours: readonly Busy[], theirs: readonly Busy[], isWatched: boolean): Row[] {
  const both = (figure: (run: Busy) => number) => ({
    values: ours.map(figure),
    against: { name: NATS, values: theirs.map(figure) },
  })
  /** Of the run in which it was the most. */
  const worst = (figure: (run: Busy) => number) => ({
    values: [longest(ours.map(figure))],
    against: { name: NATS, values: theirs.length > 0 ? [longest(theirs.map(figure))] : [] },
  })
  const whose = heldMs === 0 ? '' : `, boards had for ${heldMs} ms`
  const name = `take and give back, ${MANY.clients} clients on 10 boards${whose}`
  const double = ours.reduce((sum, run) => sum + run.double, 0)
  const inMeans = { name: `longest wait over mean${whose}`, unit: 'times' } as const
  const wait = heldMs === 0 ? {} : { target: { atMost: AT_MOST_MEANS } }
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
            ...wait,
          }),
        ]
      : [
          unmeasured('this host stood still, longest', 'ms', NOT_WATCHED),
          measured({ ...inMeans, ...worst(run => run.longestInMeans), ...wait }),
        ]),
    measured({ name: `two owners of one board${whose}`, unit: 'answers', values: [double], target: { atMost: 0 } }),
    ...(noNats === undefined ? [] : [unmeasured(`${name}: NATS KV`, 'pairs/s', noNats)]),
    unmeasured(`${name}: labgrid`, 'pairs/s', NO_LABGRID),
  ]
}
