import { Desk } from './lease/desk.ts'
import { doubleOwners, load, type Load, type Seen } from './lease/load.ts'
import type { Place } from './lease/locker.ts'
import { NatsServer, noNats } from './lease/nats-server.ts'
import type { Bench } from './lib/bench.ts'
import { measured, unmeasured, type Row } from './lib/row.ts'

const MANY = { clients: 100, processes: 2 }
/** A run of the contended part; five, as is usual, make a minute. */
const RUN_MS = 12_000
/** So long each client thinks where the time of a single lease is measured: 100 clients then ask 100 times a second. */
const THINK_MS = 1000
const NATS = 'NATS KV, unsynced'
/** The one of the distribution's package needs a WAMP router, which no package brings. */
const NO_LABGRID = 'its coordinator (python3-labgrid 0.4) needs crossbar, which the distribution does not have'

/** 100 connections to a real agent over its unix socket, ten boards, every acknowledgement on the disk first. */
export default {
  title: 'lease: taking and giving back boards of an agent',
  parts: [
    {
      name: 'alone',
      measure: async ({ runs, say }) => {
        say('one client, one free board after another')
        const ours: Seen[] = []
        const theirs: Seen[] = []
        await using places = await openPlaces()
        const one = { clients: 1, processes: 1 }
        for (const place of places.all) await load(place, { ...one, forMs: 1000 })
        for (let run = 0; run < runs; run++) {
          ours.push(await load(places.agent, { ...one, forMs: 1000 }))
          if (places.nats) theirs.push(await load(places.nats, { ...one, forMs: 1000 }))
        }
        return times('one client', ours, theirs)
      },
    },
    {
      name: 'paced',
      measure: async ({ say }) => {
        say(`${MANY.clients} connections, each asks about once a second`)
        await using desk = await Desk.open()
        await load(desk.place, { ...MANY, forMs: 2000, thinkMs: 20 })
        const seen = await load(desk.place, { ...MANY, forMs: 20_000, thinkMs: THINK_MS })
        return times(`${MANY.clients} clients, 100 leases/s`, [seen], [])
      },
    },
    {
      name: 'contended',
      measure: async ({ runs, say }) => {
        say(`${MANY.clients} clients on 10 boards, as fast as they can, for ${(RUN_MS * runs) / 1000} s`)
        await using places = await openPlaces()
        const many: Load = { ...MANY, forMs: RUN_MS }
        for (const place of places.all) await load(place, { ...many, forMs: 2000 })
        const ours: Seen[] = []
        const theirs: Seen[] = []
        for (let run = 0; run < runs; run++) {
          ours.push(await load(places.agent, many))
          if (places.nats) theirs.push(await load(places.nats, many))
        }
        return contended(ours, theirs)
      },
    },
  ],
} satisfies Bench

/** The agent, and beside it NATS where that is installed. */
async function openPlaces() {
  await using stack = new AsyncDisposableStack()
  const agent = stack.use(await Desk.open()).place
  const nats = noNats === undefined ? stack.use(await NatsServer.open()).place : undefined
  const all: Place[] = nats ? [agent, nats] : [agent]
  const open = stack.move()
  return { agent, nats, all, [Symbol.asyncDispose]: () => open.disposeAsync() }
}

function contended(ours: readonly Seen[], theirs: readonly Seen[]): Row[] {
  const pairs = (runs: readonly Seen[]): number[] => runs.map(({ waitsMs, seconds }) => waitsMs.length / seconds)
  const name = `take and give back, ${MANY.clients} clients on 10 boards`
  const double = ours.reduce((sum, seen) => sum + doubleOwners(seen), 0)
  return [
    measured({
      ...{ name, unit: 'pairs/s', values: pairs(ours), target: { atLeast: 2000 } },
      against: { name: NATS, values: pairs(theirs) },
    }),
    measured({
      name: 'wait, mean',
      unit: 'ms',
      values: ours.map(meanOf),
      against: { name: NATS, values: theirs.map(meanOf) },
    }),
    measured({
      ...{ name: 'longest wait over mean', unit: 'times', values: [unfairness(ours)], target: { atMost: 3 } },
      against: { name: NATS, values: theirs.length > 0 ? [unfairness(theirs)] : [] },
    }),
    measured({ name: 'two owners of one board', unit: 'answers', values: [double], target: { atMost: 0 } }),
    ...(noNats === undefined ? [] : [unmeasured(`${name}: NATS KV`, 'pairs/s', noNats)]),
    unmeasured(`${name}: labgrid`, 'pairs/s', NO_LABGRID),
  ]
}

/** The longest wait of all runs, in means of all runs. */
function unfairness(runs: readonly Seen[]): number {
  const count = runs.reduce((sum, { waitsMs }) => sum + waitsMs.length, 0)
  const mean = runs.reduce((sum, seen) => sum + meanOf(seen) * seen.waitsMs.length, 0) / count
  return runs.reduce((longest, { waitsMs }) => waitsMs.reduce((a, b) => Math.max(a, b), longest), 0) / mean
}

function meanOf({ waitsMs }: Seen): number {
  return waitsMs.reduce((sum, ms) => sum + ms, 0) / waitsMs.length
}

function times(name: string, ours: readonly Seen[], theirs: readonly Seen[]): Row[] {
  const at = (runs: readonly Seen[], share: number): number[] => {
    const waits = runs.flatMap(({ waitsMs }) => waitsMs).sort((a, b) => a - b)
    return waits.length > 0 ? [waits[Math.floor((waits.length - 1) * share)]!] : []
  }
  const row = (label: string, share: number, atMost: number): Row =>
    measured({
      ...{ name: `${label}, ${name}`, unit: 'ms', values: at(ours, share), target: { atMost } },
      against: { name: NATS, values: at(theirs, share) },
    })
  return [row('lease p50', 0.5, 0.5), row('lease p99', 0.99, 5)]
}
