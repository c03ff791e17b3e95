import { contended, held } from './lease/contended.ts'
import { Clients, MANY, type Load } from './lease/load.ts'
import { NATS, openPlaces, type Places } from './lease/places.ts'
import type { Seen } from './lease/seen.ts'
import type { Bench } from './lib/bench.ts'
import { measured, type Row } from './lib/row.ts'

/** A run of one client. */
const ALONE_MS = 6000
/**
 * So long each client thinks where all have to be woken for each lease: 100 clients then ask 100 times a second. What a host takes
 * to wake is most of it, as what stands beside it shows.
 */
const THINK_MS = 1000
const TARGETS = { p50: 0.5, p99: 5 }
const ECHO = 'echo, kept alike'

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
        return times('one client', await inTurns(places, one, runs))
      },
    },
    {
      name: 'paced',
      measure: async ({ say }) => {
        say(`${MANY.clients} connections, each asks about once a second`)
        await using places = await openPlaces()
        const paced: Load = { ...MANY, forMs: 20_000, thinkMs: THINK_MS }
        return times(`${MANY.clients} clients, 100 leases/s`, await inTurns(places, paced, 1))
      },
    },
    contended,
    held,
  ],
} satisfies Bench

/** What was seen at each place. */
interface SeenAt {
  readonly ours: readonly Seen[]
  readonly nats: readonly Seen[]
  readonly echo: readonly Seen[]
}

/** The same load on each in turn, so that a slow minute of this host is everybody's. */
async function inTurns(places: Places, one: Load, runs: number): Promise<SeenAt> {
  await using agent = await Clients.open(places.agent, one)
  await using nats = places.nats && (await Clients.open(places.nats, one))
  await using echo = await Clients.open(places.echo, one)
  const seen = { ours: [] as Seen[], nats: [] as Seen[], echo: [] as Seen[] }
  for (let run = 0; run < runs; run++) {
    seen.ours.push(await agent.run())
    if (nats) seen.nats.push(await nats.run())
    seen.echo.push(await echo.run())
  }
  return seen
}

function times(name: string, seen: SeenAt): Row[] {
  const at = (runs: readonly Seen[], share: number): number[] => {
    const waits = runs.flatMap(({ rows }) => rows.map(([waitMs]) => waitMs)).sort((a, b) => a - b)
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
