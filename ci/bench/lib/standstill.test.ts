import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { pause } from './lab.ts'
import { joined, NOT_WATCHED, overlapMs, watchStandstills, type Watch } from './standstill.ts'

const HELD_MS = 60
const HOLD = `for (const until = Date.now() + ${HELD_MS}; Date.now() < until;);`

test('a processor that is held before everybody is told, and one that a program is busy on is not', async context => {
  await using watch = await watchStandstills()
  if (!watch) return context.skip(NOT_WATCHED)
  assert.ok((await longestMs(watch, ['taskset', '--cpu-list', '0'])) < HELD_MS / 2)
  assert.ok((await longestMs(watch, ['chrt', '--fifo', '60', 'taskset', '--cpu-list', '0'])) >= HELD_MS - 10)
})

test('spans that meet are one, and of each that part is counted that is within', () => {
  const spans = joined([
    [30e6, 40e6],
    [10e6, 15e6],
    [12e6, 20e6],
  ])
  assert.deepEqual(spans, [
    [10e6, 20e6],
    [30e6, 40e6],
  ])
  assert.equal(overlapMs(spans, [0, 50e6]), 20)
  assert.equal(overlapMs(spans, [15e6, 33e6]), 8)
  assert.equal(overlapMs(spans, [20e6, 30e6]), 0)
})

/** For how long a processor was had at most, by what the watch says, while a program kept it. */
async function longestMs(watch: Watch, [command, ...args]: readonly [string, ...string[]]): Promise<number> {
  const fromNs = Number(process.hrtime.bigint())
  const { status, stderr } = spawnSync(command, [...args, process.execPath, '-e', HOLD], { encoding: 'utf8' })
  assert.equal(status, 0, stderr)
  // What was seen meanwhile is still to be read.
  await pause(50)
  return Math.max(0, ...watch.since(fromNs).map(([from, to]) => (to - from) / 1e6))
}
