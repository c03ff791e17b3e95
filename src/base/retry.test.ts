import assert from 'node:assert/strict'
import { test } from 'node:test'
import { retried } from './retry.ts'
import { systemClock, type Clock } from './time.ts'

test('work is tried again until it succeeds, with a pause between, as long as its errors are worth it', async () => {
  const pauses: number[] = []
  const clock: Clock = { ...systemClock, sleep: async ms => void pauses.push(ms) }
  const { signal } = new AbortController()
  let tries = 0
  const work = async (): Promise<string> => {
    if (++tries < 3) throw new Error('not yet')
    return 'done'
  }
  assert.equal(await retried(work, { clock, spacingMs: 250, again: () => true, signal }), 'done')
  assert.deepEqual(pauses, [250, 250])
  const never = (): Promise<never> => Promise.reject(new Error('never'))
  await assert.rejects(retried(never, { clock, spacingMs: 1, again: () => false, signal }), /never/)
})

test('an abort ends it with its own reason, also when it comes during a try', async () => {
  const abort = new AbortController()
  const work = (): Promise<never> => {
    abort.abort(new Error('enough'))
    return Promise.reject(new Error('a consequence'))
  }
  const trying = retried(work, { clock: systemClock, spacingMs: 1, again: () => true, signal: abort.signal })
  await assert.rejects(trying, /enough/)
})
