import assert from 'node:assert/strict'
import { test } from 'node:test'
import { measured, unmeasured } from '../../bench/lib/row.ts'
import { missedIn } from './missed.ts'

const met = measured({ name: 'pairs', unit: 'pairs/s', values: [4000], target: { atLeast: 2000 } })
const free = measured({ name: 'wait', unit: 'ms', values: [20] })

test('figures without a target are kept, and not counted', () => {
  assert.deepEqual(missedIn([met, free]), { line: '1 of 1 targets met', failures: [] })
})

test('a target that is missed fails, and one for which nothing was measured too', () => {
  const missed = measured({ name: 'longest', unit: 'times', values: [3.5], target: { atMost: 3 } })
  const absent = unmeasured('p50', 'ms', 'no agent', { atMost: 1 })
  assert.deepEqual(missedIn([missed, met, absent]), {
    line: '1 of 3 targets met; longest: 3.50 times; p50: not measured: no agent',
    failures: ['longest: 3.50 times', 'p50: not measured: no agent'],
  })
})

test('what was to be measured and came to no number is missed', () => {
  const row = measured({ name: 'noticed', unit: 's', values: [Number.NaN], target: { atMost: 5 } })
  const { failures } = missedIn(JSON.parse(JSON.stringify([row])) as (typeof row)[])
  assert.deepEqual(failures, ['noticed: no number'])
})

test('nothing to fail is no proof', () => {
  assert.equal(missedIn([free]).failures.length, 1)
})
