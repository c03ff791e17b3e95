import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from '../base/time.ts'
import { News } from './news.ts'

test('all who wait for news hear them at once', async () => {
  const news = new News(systemClock)
  const signal = AbortSignal.timeout(5000)
  const heard = Promise.all([news.since(0, signal), news.since(0, signal)])
  news.tell({ type: 'note', text: 'one' })
  for (const { items, to } of await heard) assert.deepEqual([items, to], [[{ type: 'note', text: 'one' }], 1])
  assert.ok(!signal.aborted)
  const next = news.since(1, signal)
  news.tell({ type: 'note', text: 'two' })
  assert.deepEqual((await next).items, [{ type: 'note', text: 'two' }])
})

test('who waits for nothing is let go by their signal', async () => {
  const { items, to } = await new News(systemClock).since(0, AbortSignal.timeout(5))
  assert.deepEqual([items, to], [[], 0])
})
