import { availableParallelism } from 'node:os'
import { Desk } from './lease/desk.ts'
import { EchoServer } from './lease/echo-server.ts'
import { doubleOwners, load, type Load, type Seen } from './lease/load.ts'
import type { Place } from './lease/locker.ts'
import { NatsServer, noNats } from './lease/nats-server.ts'
import type { Bench } from './lib/bench.ts'
import { measured, unmeasured, type Row } from './lib/row.ts'

/** As many processes as leave the agent a processor: what it waits for among its own clients says nothing about it. */
const MANY = { clients: 100, processes: Math.max(1, availableParallelism() - 1) }
/** A run of the contended part; five, as is usual, make a minute. */
const RUN_MS = 12_000
/** A run of one client. */
const ALONE_MS = 6000
/**
 * So long each client thinks where all have to be woken for each lease: 100 clients then ask 100 times a second. What a host takes
 * to wake is most of it, as what stands beside it shows.
 */
const THINK_MS = 1000
const TARGETS = { p50: 0.5, p99: 5 }
const NATS = 'NATS KV'
const ECHO = 'echo, kept alike'
/** The one of the distribution's package needs a WAMP router, which no package brings. */
const NO_LABGRID = 'its coordinator (python3-labgrid 0.4) needs crossbar, which the distribution does not have'

/** 100 connections to a real agent over its unix socket, ten boards; what is acknowledged is in the host's memory, as with NATS. */
export default {
  title: 'lease: taking and giving back boards of an agent',
  parts: [
    {
      name: 'alone',
      measure: async ({ runs, say }) => {
        say('one client, one free board after another')
        const one: Load = { clients: 1, processes: 1, forMs: ALONE_MS }
        await using places = await openPlaces()
        for (const place of places.all) await load(place, { ...one, forMs: 1000 })
        return times('one client', await inTurns(places, one, runs))
      },
    },
    {
      name: 'paced',
      measure: async ({ say }) => {
        say(`${MANY.clients} connections, each asks about once a second`)
        await using places = await openPlaces()
        for (const place of places.all) await load(place, { ...MANY, forMs: 2000, thinkMs: 20 })
        const paced: Load = { ...MANY, forMs: 20_000, thinkMs: THINK_MS }
        return times(`${MANY.clients} clients, 100 leases/s`, await inTurns(places, paced, 1))
      },
    },
    {
      name: 'contended',
      measure: async ({ runs, say }) => {
        say(`${MANY.clients} clients on 10 boards, as fast as they can, for ${(RUN_MS * runs) / 1000} s`)
        await using places = await openPlaces()
        const many: Load = { ...MANY, forMs: RUN_MS, apart: availableParallelism() > 1 }
        for (const place of [places.agent, ...(places.nats ? [places.nats] : [])])
          await load(place, { ...many, forMs: 2000 })
        const ours: Busy[] = []
        const theirs: Busy[] = []
        for (let run = 0; run < runs; run++) {
          ours.push(busy(await load(places.agent, many)))
          if (places.nats) theirs.push(busy(await load(places.nats, many)))
        }
        return contended(ours, theirs)
      },
    },
  ],
} satisfies Bench

interface Places extends AsyncDisposable {
  readonly agent: Place
  readonly nats: Place | undefined
  readonly echo: Place
  readonly all: readonly Place[]
}

/** The agent, and beside it NATS where that is installed, and what none of the two can be under. */
async function openPlaces(): Promise<Places> {
  await using stack = new AsyncDisposableStack()
  const agent = stack.use(await Desk.open()).place
  const nats = noNats === undefined ? stack.use(await NatsServer.open()).place : undefined
  const echo = stack.use(await EchoServer.open()).place
  const open = stack.move()
  const all = [agent, ...(nats ? [nats] : []), echo]
  return { agent, nats, echo, all, [Symbol.asyncDispose]: () => open.disposeAsync() }
}

/** What was seen at each place. */
interface SeenAt {
  readonly ours: readonly Seen[]
  readonly nats: readonly Seen[]
  readonly echo: readonly Seen[]
}

/** The same load on each in turn, so that a slow minute of this host is everybody's. */
async function inTurns({ agent, nats, echo }: Places, one: Load, runs: number): Promise<SeenAt> {
  const seen = { ours: [] as Seen[], nats: [] as Seen[], echo: [] as Seen[] }
  for (let run = 0; run < runs; run++) {
    seen.ours.push(await load(agent, one))
    if (nats) seen.nats.push(await load(nats, one))
    seen.echo.push(await load(echo, one))
  }
  return seen
}

/** What is kept of a run: what else was seen in it would be collected, by a process of many threads, while the next is measured. */
interface Busy {
  readonly pairs: number
  readonly seconds: number
  readonly meanMs: number
  readonly longestMs: number
  readonly double: number
}

function busy(seen: Seen): Busy {
  const { waitsMs, seconds } = seen
  return {
    pairs: waitsMs.length,
    seconds,
    meanMs: waitsMs.reduce((sum, ms) => sum + ms, 0) / waitsMs.length,
    longestMs: waitsMs.reduce((a, b) => Math.max(a, b), 0),
    double: doubleOwners(seen),
  }
}

function contended(ours: readonly Busy[], theirs: readonly Busy[]): Row[] {
  const perSecond = (runs: readonly Busy[]): number[] => runs.map(({ pairs, seconds }) => pairs / seconds)
  const means = (runs: readonly Busy[]): number[] => runs.map(({ meanMs }) => meanMs)
  const longest = (runs: readonly Busy[]): number[] => runs.map(({ longestMs }) => longestMs)
  const name = `take and give back, ${MANY.clients} clients on 10 boards`
  const double = ours.reduce((sum, run) => sum + run.double, 0)
  return [
    measured({
      ...{ name, unit: 'pairs/s', values: perSecond(ours), target: { atLeast: 2000 } },
      against: { name: NATS, values: perSecond(theirs) },
    }),
    measured({
      name: 'wait, mean',
      unit: 'ms',
      values: means(ours),
      against: { name: NATS, values: means(theirs) },
    }),
    measured({
      name: 'wait, longest',
      unit: 'ms',
      values: longest(ours),
      against: { name: NATS, values: longest(theirs) },
    }),
    measured({
      ...{ name: 'longest wait over mean', unit: 'times', values: [unfairest(ours)], target: { atMost: 3 } },
      against: { name: NATS, values: theirs.length > 0 ? [unfairest(theirs)] : [] },
    }),
    measured({ name: 'two owners of one board', unit: 'answers', values: [double], target: { atMost: 0 } }),
    ...(noNats === undefined ? [] : [unmeasured(`${name}: NATS KV`, 'pairs/s', noNats)]),
    unmeasured(`${name}: labgrid`, 'pairs/s', NO_LABGRID),
  ]
}

/**
 * The longest wait in means, of the run in which it was the most. Each run has its own mean: one in which this host gave half of
 * its processors to others is as fair as the rest, and all its waits are twice as long.
 */
function unfairest(runs: readonly Busy[]): number {
  return Math.max(...runs.map(({ longestMs, meanMs }) => longestMs / meanMs))
}

function times(name: string, seen: SeenAt): Row[] {
  const at = (runs: readonly Seen[], share: number): number[] => {
    const waits = runs.flatMap(({ waitsMs }) => waitsMs).sort((a, b) => a - b)
    return waits.length > 0 ? [waits[Math.floor((waits.length - 1) * share)]!] : []
  }
  const rows = (label: 'p50' | 'p99', share: number): Row[] => {
    const ours = { name: `lease ${label}, ${name}`, unit: 'ms', values: at(seen.ours, share) } as const
    return [
      measured({
        ...ours,
        against: { name: NATS, values: at(seen.nats, share) },
        target: { atMost: TARGETS[label] },
      }),
      measured({ ...ours, name: '  the same', against: { name: ECHO, values: at(seen.echo, share) } }),
    ]
  }
  return [...rows('p50', 0.5), ...rows('p99', 0.99)]
}
