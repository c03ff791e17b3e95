import assert from 'node:assert/strict'
import { getEventListeners } from 'node:events'
import { test } from 'node:test'
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
