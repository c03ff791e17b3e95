import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from '../base/time.ts'
import { thisProcess, type Holder, type LockSpace } from '../bench/lock.ts'
import { BoardLocks } from './board-locks.ts'

const holder = thisProcess(['agent'], systemClock)
const somebody: Holder = { ...holder, pid: 4711, command: 'hil run' }

/** Locks as others answer for them, one answer a try; then they are free. */
function open(...answers: ('held' | 'broken')[]) {
  const told: string[] = []
  const taken = Promise.withResolvers<void>()
  const space: LockSpace = {
    bind: async () => {
      const answer = answers.shift()
      if (answer === 'broken') throw new Error('no file descriptors')
      return answer === 'held' ? undefined : { [Symbol.asyncDispose]: async () => undefined }
    },
    ask: async () => somebody,
  }
  const locks = new BoardLocks({
    ...{ bench: 'b', holder, locks: space },
    // As fast as can be.
    clock: { ...systemClock, after: (_ms, act) => systemClock.after(1, act) },
    onTaken: async () => taken.resolve(),
    onOutside: async (_, why) => void told.push(why),
    onError: (_, error) => told.push((error as Error).message),
  })
  return { locks, told, taken: taken.promise }
}

test('a lock that somebody has, or that cannot be asked for once, is had in the end', async () => {
  const { locks, told, taken } = open('held', 'broken', 'held')
  await using _locks = locks
  await locks.take('a')
  assert.equal(locks.has('a'), false)
  await taken
  assert.equal(locks.has('a'), true)
  assert.match(told[0]!, /past this agent by .*hil run/)
  assert.equal(told[1], 'no file descriptors')
  assert.equal(told.length, 3)
})

test('one that cannot be asked for at first is told, and had in the end', async () => {
  const { locks, taken } = open('broken')
  await using _locks = locks
  await assert.rejects(locks.take('a'), /no file descriptors/)
  await taken
  assert.equal(locks.has('a'), true)
})
