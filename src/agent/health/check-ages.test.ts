import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CheckAges } from './check-ages.ts'

const HOUR_MS = 3_600_000
const START_MS = Date.UTC(2026, 0, 1)

test('a check grows older with the time that passes, not with a clock that is set', () => {
  const ages = new CheckAges()
  const checkedMs = START_MS - HOUR_MS
  assert.equal(ages.of('a', checkedMs, { wallMs: START_MS, ticksMs: 0 }), HOUR_MS)
  assert.equal(ages.of('a', checkedMs, { wallMs: START_MS + HOUR_MS, ticksMs: 1000 }), HOUR_MS + 1000)
  assert.equal(ages.of('a', checkedMs, { wallMs: START_MS - HOUR_MS, ticksMs: 2000 }), HOUR_MS + 2000)
})

test('a check that is made meanwhile is new, also by a clock that was set back: else the next would be due at once', () => {
  const ages = new CheckAges()
  ages.of('a', 0, { wallMs: START_MS, ticksMs: 0 })
  const setBackMs = START_MS - 5 * HOUR_MS
  assert.equal(ages.of('a', setBackMs, { wallMs: START_MS + 5000, ticksMs: 5000 }), 0)
  assert.equal(ages.of('a', setBackMs, { wallMs: START_MS + 10_000, ticksMs: 10_000 }), 5000)
})

test('one from the future, as a restart after a clock was set back finds it, is new', () => {
  assert.equal(new CheckAges().of('a', START_MS + HOUR_MS, { wallMs: START_MS, ticksMs: 0 }), 0)
})

test('a board that was never checked was not for a very long time', () => {
  assert.ok(new CheckAges().of('a', 0, { wallMs: START_MS, ticksMs: 7 }) > 50 * 365 * 24 * HOUR_MS)
})
