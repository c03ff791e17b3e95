import assert from 'node:assert/strict'
import { getEventListeners } from 'node:events'
import { test } from 'node:test'
import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Attachments } from './attachments.ts'

test('what is tied ends with the last of its connections, and once', () => {
  const ended: string[] = []
  const attachments = new Attachments(id => ended.push(id))
  const [one, other] = [new AbortController(), new AbortController()]
  attachments.attach('lease', one.signal)
  attachments.attach('lease', one.signal)
  attachments.attach('lease', other.signal)
  attachments.attach('wish', other.signal)
  one.abort()
  assert.deepEqual(ended, [])
  assert.ok(attachments.has('lease'))
  other.abort()
  assert.deepEqual(ended, ['lease', 'wish'])
  assert.deepEqual(attachments.ids, [])
})

test('what is tied to a connection that is gone already ends at once', () => {
  const ended: string[] = []
  const attachments = new Attachments(id => ended.push(id))
  attachments.attach('lease', AbortSignal.abort())
  assert.deepEqual(ended, ['lease'])
  assert.ok(!attachments.has('lease'))
})

test('what was forgotten ends nobody’s, and a connection costs the same after a thousand leases', () => {
  const ended: string[] = []
  const attachments = new Attachments(id => ended.push(id))
  const connection = new AbortController()
  for (let n = 0; n < 1000; n++) {
    attachments.attach(`lease ${n}`, connection.signal)
    attachments.forget(`lease ${n}`)
  }
  assert.equal(getEventListeners(connection.signal, 'abort').length, 1)
  attachments.attach('the last', connection.signal)
  connection.abort()
  assert.deepEqual(ended, ['the last'])
})

test('a connection that is old leaves V8 nothing of its leases that only a whole collection takes back', () => {
  setFlagsFromString('--expose-gc')
  const gc = runInNewContext('gc') as (options?: { type: 'minor' }) => void
  const attachments = new Attachments(() => undefined)
  const connection = new AbortController()
  const ids = Array.from({ length: 100 }, (_, n) => `lease ${n}`)
  const leases = (times: number): void => {
    for (let n = 0; n < times; n++) {
      attachments.attach(ids[n % ids.length]!, connection.signal)
      attachments.forget(ids[n % ids.length]!)
    }
  }
  leases(20_000)
  // What is kept is with the old by then.
  gc()
  gc()
  const before = getHeapStatistics().used_heap_size
  for (let n = 0; n < 50; n++) {
    leases(2000)
    gc({ type: 'minor' })
  }
  // A set left 118 bytes a lease.
  assert.ok(getHeapStatistics().used_heap_size - before < 20 * 100_000)
})
