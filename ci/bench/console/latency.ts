import type { LiveBoard } from '../../../src/bench/live-board.ts'
import type { BenchOptions, Part } from '../lib/bench.ts'
import { NO_COMPILER } from '../lib/floor.ts'
import { Lab } from '../lib/lab.ts'
import { measured, unmeasured, type Row } from '../lib/row.ts'
import { openConsoles, wireConsoles } from './boards.ts'
import { compileFeeder, startFeeder } from './feeder.ts'
import { peers, runPeer } from './peers.ts'

const MARKS = 10_000
/** While just-in-time compilers are still at work; the first of everybody are left out. */
const WARM_UP = 500
const P50 = { atMost: 0.1 }
const P99 = { atMost: 1 }
const MARK = /MARK (\d{1,20}) \r\n/

/** From just before a mark is written on a pty to the line behind the wait for it. */
export const latency: Part = {
  name: 'latency',
  async measure({ runs, say }: BenchOptions): Promise<Row[]> {
    await using lab = new Lab()
    const program = compileFeeder(lab.folder)
    if (program === undefined) return [unmeasured('match latency', 'ms', NO_COMPILER, P50)]
    const who = [{ name: 'hil', missing: undefined, marks: async () => await hilMarks(program) }].concat(
      peers().map(peer => ({
        name: peer.name,
        missing: peer.missing as undefined,
        marks: async () => {
          await using feeder = await startFeeder(program, ['mark', String(MARKS)])
          const out = await runPeer(peer, [feeder.ttys[0]!, 'marks', String(MARKS)], () => feeder.start())
          return [...out.matchAll(/^trip ([\d.]+)$/gm)].map(([, ms]) => Number(ms))
        },
      })),
    )
    const figures = who.map(({ name, missing }) => ({ name, missing, p50: [] as number[], p99: [] as number[] }))
    for (let run = 0; run < runs; run++)
      for (const [n, { name, missing, marks }] of who.entries()) {
        if (missing !== undefined) continue
        say(`turn ${run + 1} of ${runs}, ${name}`)
        const sorted = (await marks()).slice(WARM_UP).sort((a, b) => a - b)
        if (sorted.length !== MARKS - WARM_UP) throw new Error(`${name} saw ${sorted.length + WARM_UP} marks`)
        figures[n]!.p50.push(sorted[Math.floor(sorted.length * 0.5)]!)
        figures[n]!.p99.push(sorted[Math.floor(sorted.length * 0.99)]!)
      }
    const [hil, ...others] = figures
    return others.flatMap(({ name, missing, p50, p99 }, n) => {
      if (missing !== undefined) return [unmeasured(`match latency beside ${name}`, 'ms', missing)]
      const row = (what: string, values: number[], against: number[], target: { atMost: number }): Row =>
        measured({ name: what, unit: 'ms', values, against: { name, values: against }, ...(n === 0 && { target }) })
      return [row('match latency, p50', hil!.p50, p50, P50), row('match latency, p99', hil!.p99, p99, P99)]
    })
  },
}

async function hilMarks(program: string): Promise<number[]> {
  await using lab = new Lab()
  await using feeder = await startFeeder(program, ['mark', String(MARKS)])
  wireConsoles(lab, feeder.ttys)
  const [live] = await openConsoles(lab.benchFile)
  try {
    return await answerMarks(live!, () => feeder.start())
  } finally {
    await live![Symbol.asyncDispose]()
  }
}

async function answerMarks({ console, recording }: LiveBoard, start: () => void): Promise<number[]> {
  const trips: number[] = []
  let from = recording.end
  start()
  while (trips.length < MARKS) {
    const late = (): Error => new Error('no mark in time')
    const found = await console!.expect(MARK, { from, limitMs: 30_000, late })
    trips.push(Number(process.hrtime.bigint() - BigInt(found.groups[0]!)) / 1e6)
    from = found.to
    await console!.write('\n')
  }
  return trips
}
