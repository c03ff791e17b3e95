import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempDisposableSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { pause } from './lab.ts'
import { commonOf, NOT_WATCHED, overlapMs, watchStandstills, type Span } from './standstill.ts'

const SOURCE = join(import.meta.dirname, '../floor/hold.c')
const HELD_MS = 80

test('a host is told to stand still whose processors are all held before everybody, and not for one of them', async context => {
  await using watch = await watchStandstills()
  if (!watch) return context.skip(NOT_WATCHED)
  using folder = mkdtempDisposableSync(join(tmpdir(), 'hb-hold-'))
  const hold = join(folder.path, 'hold')
  const { stderr } = spawnSync(process.env.CC ?? 'cc', ['-O2', '-Wall', '-o', hold, SOURCE], { encoding: 'utf8' })
  assert.equal(stderr, '')
  const all = Array.from({ length: availableParallelism() }, (_, processor) => processor)
  if (all.length > 1) await held(hold, all.slice(1))
  const atNs = await held(hold, all)
  // Each processor is told of in order: with the second nothing of the first is still to be read.
  const long = await until(() => watch.spans().filter(([from, to]) => to - from > (HELD_MS / 2) * 1e6))
  assert.deepEqual([long.length, long[0]![0] >= atNs - 5e6], [1, true])
})

test('what is in both is common', () => {
  const some: Span[] = [
    [10, 20],
    [30, 40],
    [50, 90],
  ]
  const others: Span[] = [
    [0, 12],
    [15, 35],
    [60, 70],
    [80, 85],
    [90, 95],
  ]
  const common: Span[] = [
    [10, 12],
    [15, 20],
    [30, 35],
    [60, 70],
    [80, 85],
  ]
  assert.deepEqual(commonOf(some, others), common)
  assert.deepEqual(commonOf(others, some), common)
  assert.deepEqual(commonOf(some, []), [])
})

test('of each span that part is counted that is within', () => {
  const spans: Span[] = [
    [10e6, 20e6],
    [30e6, 40e6],
  ]
  assert.equal(overlapMs(spans, [0, 50e6]), 20)
  assert.equal(overlapMs(spans, [15e6, 33e6]), 8)
  assert.equal(overlapMs(spans, [20e6, 30e6]), 0)
})

/** Holds some processors at once; since when. */
async function held(hold: string, processors: readonly number[]): Promise<number> {
  const atNs = process.hrtime.bigint() + 100_000_000n
  const holders = processors.map(processor =>
    spawn(hold, [String(processor), String(atNs), String(HELD_MS)], { stdio: 'inherit' }),
  )
  const codes = await Promise.all(holders.map(async holder => ((await once(holder, 'exit')) as [number])[0]))
  assert.deepEqual(new Set(codes), new Set([0]))
  return Number(atNs)
}

/** What is looked for, once there is any of it. */
async function until<T>(find: () => readonly T[]): Promise<readonly T[]> {
  for (let n = 0; n < 200 && find().length === 0; n++) await pause(10)
  return find()
}
