import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Fault } from '../base/fault.ts'
import { systemClock } from '../base/time.ts'
import { BoardLock, holderOf, thisProcess } from './lock.ts'

const holder = thisProcess(['run', '--device', 'nuc'], systemClock)
const options = { waitMs: 0, clock: systemClock, signal: AbortSignal.timeout(20_000) }

test('a board has one holder, who is named to the next', async () => {
  const bench = randomUUID()
  await using _lock = await BoardLock.take(bench, 'nuc-1', holder, options)
  await assert.rejects(
    BoardLock.take(bench, 'nuc-1', holder, options),
    (error: Fault) => error.code === 'lease/held' && error.seen.includes(`pid ${process.pid}: hil run --device nuc`),
  )
  assert.deepEqual(await holderOf(bench, 'nuc-1'), holder)
  assert.equal(await holderOf(bench, 'nuc-2'), undefined)
})

test('a released board is free, and a waiting taker gets it', async () => {
  const bench = randomUUID()
  const first = await BoardLock.take(bench, 'b', holder, options)
  const waitedFor: unknown[] = []
  const second = BoardLock.take(bench, 'b', holder, { ...options, waitMs: 10_000, onWait: who => waitedFor.push(who) })
  await new Promise(resolve => setImmediate(resolve))
  await first[Symbol.asyncDispose]()
  await using _lock = await second
  assert.equal(waitedFor.length <= 1, true)
})

test('a holder that is killed leaves no lock behind', async () => {
  const bench = randomUUID()
  const child = fork(fileURLToPath(new URL('./lock-holder.ts', import.meta.url)), [bench])
  await once(child, 'message')
  assert.equal((await holderOf(bench, 'b'))?.pid, child.pid)
  child.kill('SIGKILL')
  await once(child, 'exit')
  await using _lock = await BoardLock.take(bench, 'b', holder, options)
})

test('a holder that is stopped has its board, and says nothing', async () => {
  const bench = randomUUID()
  const child = fork(fileURLToPath(new URL('./lock-holder.ts', import.meta.url)), [bench])
  try {
    await once(child, 'message')
    child.kill('SIGSTOP')
    assert.equal(await holderOf(bench, 'b'), null)
    await assert.rejects(
      BoardLock.take(bench, 'b', holder, options),
      (error: Fault) => error.code === 'lease/held' && /another process/.test(error.seen),
    )
  } finally {
    child.kill('SIGKILL')
  }
  await once(child, 'exit')
  assert.equal(await holderOf(bench, 'b'), undefined)
})
