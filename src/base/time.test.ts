import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Fault } from './fault.ts'
import { abortable, systemClock, within } from './time.ts'

const late = (): Fault => new Fault('product/no-login', { expected: 'a login', seen: 'none' })
const waiting = (signal: AbortSignal): Promise<never> => systemClock.sleep(60_000, signal) as Promise<never>

test('work that ends in time gives its result', async () => {
  assert.equal(await within(1000, late, () => Promise.resolve(7)), 7)
})

test('work over its limit throws what its writer chose to blame', async () => {
  await assert.rejects(within(1, late, waiting), (error: Fault) => error.code === 'product/no-login')
})

test('an abort from outside wins over the limit and keeps its reason', async () => {
  const abort = new AbortController()
  const work = within(60_000, late, waiting, abort.signal)
  abort.abort(new Fault('infrastructure/board-gone', { expected: 'power', seen: 'none' }))
  await assert.rejects(work, (error: Fault) => error.code === 'infrastructure/board-gone')
})

test('an error of the work itself is not taken for a late one', async () => {
  await assert.rejects(
    within(1000, late, () => Promise.reject(new Error('disk'))),
    /disk/,
  )
})

test('a promise raced with an abort settles at once, and leaves no rejection behind', async () => {
  await assert.rejects(abortable(new Promise(() => {}), AbortSignal.abort(new Error('over'))), /over/)
  await assert.rejects(abortable(Promise.reject(new Error('own')), AbortSignal.abort(new Error('over'))), /over/)
  assert.equal(await abortable(Promise.resolve(1), new AbortController().signal), 1)
})
