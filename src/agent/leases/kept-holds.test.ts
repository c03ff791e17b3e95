import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { silentLog } from '../../base/log.ts'
import { systemClock } from '../../base/time.ts'
import { tempDir } from '../../drivers/test-kit.ts'
import { BENCH, request } from '../../model/lease/book-test-kit.ts'
import { LeaseDesk } from './desk.ts'
import { BOOK_NAME, keptHolds } from './kept-holds.ts'

const HOUR_MS = 3_600_000

/** A book in which alice holds a1 and a2 for an hour, and a run has b1. */
async function kept(path: string): Promise<void> {
  await using desk = LeaseDesk.open(path, { clock: systemClock, log: silentLog })
  await desk.bench(BENCH)
  const askedMs = desk.nowMs()
  const asks = [{ board: 'a1' }, { board: 'a2' }]
  await desk.ask(request('hold-of-alice', { asks, askedMs, forMs: HOUR_MS, tied: false, yields: false }))
  await desk.ask(request('run-of-bob', { user: 'bob', asks: [{ board: 'b1' }], askedMs, tied: true }))
}

const heldIn = (path: string): string[] => [...keptHolds(dirname(path), systemClock).keys()]

test('what people hold is read from the book that was kept, not what runs had', async () => {
  using dir = tempDir()
  const path = join(dir.path, BOOK_NAME)
  assert.deepEqual(heldIn(path), [], 'there is no book yet')
  await kept(path)
  assert.deepEqual(heldIn(path), ['a1', 'a2'])
  const hold = keptHolds(dir.path, systemClock).get('a2')!
  assert.deepEqual([hold.user, hold.purpose], ['alice', 'a test'])
  assert.ok(Math.abs(hold.untilMs - Date.now() - HOUR_MS) < 60_000, String(hold.untilMs - Date.now()))
})

test('a hold is over in the time that its book counts, whatever the clock on the wall shows', async () => {
  using dir = tempDir()
  const path = join(dir.path, BOOK_NAME)
  await kept(path)
  const clock = { ...systemClock, nowMs: () => Date.now() + 2 * HOUR_MS }
  const hold = keptHolds(dir.path, clock).get('a1')!
  assert.ok(Math.abs(hold.untilMs - clock.nowMs() - HOUR_MS) < 60_000, 'told as that clock shows it')
  const time = JSON.parse(readFileSync(`${path}.time`, 'utf8')) as { startMs: number }
  writeFileSync(`${path}.time`, JSON.stringify({ ...time, startMs: time.startMs + HOUR_MS }))
  assert.deepEqual(heldIn(path), [])
})

test('a damaged book is no book in which nobody holds anything', async () => {
  using dir = tempDir()
  const path = join(dir.path, BOOK_NAME)
  writeFileSync(path, '{"version":4,"turn":1,"book":{}}\n[{"type":"nonsense"\n[]\n')
  assert.throws(() => keptHolds(dir.path, systemClock), { code: 'configuration/lease-book' })
})
