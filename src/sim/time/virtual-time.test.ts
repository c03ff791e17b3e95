import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { test } from 'node:test'
import { ProcessClock, VirtualTime } from './virtual-time.ts'

const LATE_MS = 1e9

test('sleepers wake in the order of their times, and of their asking where those are alike', async () => {
  const time = new VirtualTime()
  const woken: string[] = []
  const at = (ms: number, name: string): void => void time.after(ms, () => woken.push(`${name} ${time.nowMs}`))
  for (const [n, ms] of [30, 10, 20, 10, 5, 30].entries()) at(ms, String(n))
  const given = time.after(7, () => woken.push('given up'))
  given[Symbol.dispose]()
  assert.equal(await time.pass(() => false, LATE_MS), 'idle')
  assert.deepEqual(woken, ['4 5', '1 10', '3 10', '2 20', '0 30', '5 30'])
})

test('all that an event leads to happens before the next, reading a file included', async () => {
  const time = new VirtualTime()
  const clock = new ProcessClock(time)
  const seen: string[] = []
  const work = (async () => {
    await clock.sleep(10)
    for (let n = 0; n < 3; n++) await readFile(fileURLToPath(import.meta.url))
    await new Promise(resolve => process.nextTick(resolve))
    seen.push(`read at ${clock.ticksMs()}`)
  })()
  clock.after(11, () => seen.push('next'))
  await time.pass(() => false, LATE_MS)
  await work
  assert.deepEqual(seen, ['read at 10', 'next'])
})

test('a process that was killed waits for nothing any more; others go on', async () => {
  const time = new VirtualTime()
  const [one, other] = [new ProcessClock(time), new ProcessClock(time)]
  const woken: string[] = []
  void one.sleep(20).then(() => woken.push('killed'))
  void other.sleep(20).then(() => woken.push('alive'))
  time.after(10, () => one.kill())
  await time.pass(() => false, LATE_MS)
  assert.deepEqual(woken, ['alive'])
})

test('an abort ends a sleep at once; a timeout aborts in its time', async () => {
  const time = new VirtualTime()
  const clock = new ProcessClock(time)
  const abort = new AbortController()
  const sleeping = clock.sleep(1000, abort.signal)
  const ended = assert.rejects(sleeping, /enough/)
  time.after(5, () => abort.abort(new Error('enough')))
  const timeout = clock.timeout(50)
  assert.equal(await time.pass(() => timeout.aborted, LATE_MS), 'over')
  await ended
  assert.equal(time.nowMs, 50)
  assert.equal((timeout.reason as Error).name, 'TimeoutError')
  assert.equal(await time.pass(() => false, 20), 'idle')
})
