import type { Bench } from './lib/bench.ts'
import { measured, type Row } from './lib/row.ts'
import { Desk, doubleOwners, type Seen } from './lease/load.ts'

const CLIENTS = 100
const PROCESSES = 2
/** A run of the contended part; five, as is usual, make a minute. */
const RUN_SECONDS = 12
/** So long each client thinks where the time of a single lease is measured: 100 clients then ask 100 times a second. */
const THINK_MS = 1000

/** 100 connections to a real agent over its unix socket, ten boards, every acknowledgement on the disk first. */
export default {
  title: 'lease: taking and giving back boards of an agent',
  parts: [
    {
      name: 'alone',
      measure: async ({ runs, say }) => {
        say('one client, one free board after another')
        await using desk = await Desk.open()
        await desk.load(1, 1, 1000, 0)
        return times('one client', [await desk.load(1, 1, 1000 * runs, 0)])
      },
    },
    {
      name: 'paced',
      measure: async ({ say }) => {
        say(`${CLIENTS} connections, each asks about once a second`)
        await using desk = await Desk.open()
        await desk.load(CLIENTS, PROCESSES, 2000, 20)
        return times(`${CLIENTS} clients, 100 leases/s`, [await desk.load(CLIENTS, PROCESSES, 20_000, THINK_MS)])
      },
    },
    {
      name: 'contended',
      measure: async ({ runs, say }) => {
        const seconds = RUN_SECONDS * runs
        say(`${CLIENTS} clients on 10 boards, as fast as they can, for ${seconds} s`)
        await using desk = await Desk.open()
        await desk.load(CLIENTS, PROCESSES, 2000, 0)
        const seen = await desk.load(CLIENTS, PROCESSES, seconds * 1000, 0)
        const pairs = seen.waitsMs.length / seen.seconds
        const mean = seen.waitsMs.reduce((sum, ms) => sum + ms, 0) / seen.waitsMs.length
        const longest = seen.waitsMs.reduce((longest, ms) => Math.max(longest, ms), 0)
        return [
          measured({
            name: 'take and give back, 100 clients on 10 boards',
            unit: 'pairs/s',
            values: [pairs],
            target: { atLeast: 2000 },
          }),
          measured({ name: 'wait, mean', unit: 'ms', values: [mean] }),
          measured({ name: 'longest wait over mean', unit: 'times', values: [longest / mean], target: { atMost: 3 } }),
          measured({
            name: 'two owners of one board',
            unit: 'answers',
            values: [doubleOwners(seen)],
            target: { atMost: 0 },
          }),
        ]
      },
    },
  ],
} satisfies Bench

function times(name: string, runs: readonly Seen[]): Row[] {
  const waits = runs.flatMap(({ waitsMs }) => waitsMs).sort((a, b) => a - b)
  const at = (share: number): number => waits[Math.floor((waits.length - 1) * share)]!
  return [
    measured({ name: `lease p50, ${name}`, unit: 'ms', values: [at(0.5)], target: { atMost: 0.5 } }),
    measured({ name: `lease p99, ${name}`, unit: 'ms', values: [at(0.99)], target: { atMost: 5 } }),
  ]
}
