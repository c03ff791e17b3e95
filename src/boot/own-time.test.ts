import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OwnTime } from './own-time.ts'

test('a real board gets its limit and no more', () => {
  const time = new OwnTime(1000, undefined)
  assert.equal(time.moreMs(), 0)
  assert.equal(time.starvedMs, undefined)
})

test('a virtual board gets back what it waited for its host since the limit began, again and again', () => {
  let waitedMs = 500
  const time = new OwnTime(1000, () => waitedMs)
  waitedMs += 600
  assert.equal(time.moreMs(), 600)
  waitedMs += 200
  assert.equal(time.moreMs(), 200)
  assert.equal(time.moreMs(), 0, 'it had a processor all the time')
  assert.equal(time.starvedMs, undefined, 'so that its silence is its own')
})

test('a host that never has a processor for it is to blame after three times the limit', () => {
  let waitedMs = 0
  const time = new OwnTime(1000, () => waitedMs)
  const given: number[] = []
  for (;;) {
    waitedMs += 1700
    const more = time.moreMs()
    if (more === 0) break
    given.push(more)
  }
  assert.equal(
    given.reduce((sum, more) => sum + more, 0),
    3000,
  )
  assert.equal(time.starvedMs, waitedMs)
})
