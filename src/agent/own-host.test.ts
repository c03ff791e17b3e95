import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Fault } from '../base/fault.ts'
import { silentLog } from '../base/log.ts'
import { systemClock } from '../base/time.ts'
import { loadBench, type Board } from '../bench/load.ts'
import { BoardLock, thisProcess } from '../bench/lock.ts'
import { tempDir } from '../drivers/test-kit.ts'
import { request } from '../model/lease/book-test-kit.ts'
import { Agent, type Lease, type LeaseOptions } from './agent.ts'
import { AGENT_LOCK } from './bench-agent.ts'
import { OwnHost } from './host.ts'
import { LeaseDesk } from './leases/desk.ts'
import { BOOK_NAME } from './leases/kept-holds.ts'

let count = 0

/** A bench without an agent on which alice holds the one board, and who wants it there. */
async function heldBench() {
  const dir = tempDir()
  const path = join(dir.path, 'bench.yaml')
  const name = `own-host-${process.pid}-${count++}`
  const power = { driver: 'command', on: 'true', off: 'true', status: 'echo off' }
  writeFileSync(path, JSON.stringify({ name, boards: { a: { type: 'nuc', power } } }))
  const bench = await loadBench(path)
  const board: Board = { ...bench.boards[0]!, stateDir: join(dir.path, 'a') }
  const desk = LeaseDesk.open(join(dir.path, BOOK_NAME), { clock: systemClock, log: silentLog })
  await desk.bench([{ name: 'a', type: 'nuc', traits: [] }])
  await desk.ask(
    request('hold-of-alice', { asks: [{ board: 'a' }], askedMs: desk.nowMs(), forMs: 3_600_000, yields: false }),
  )
  const notes: string[] = []
  const noted = Promise.withResolvers<void>()
  const host = new OwnHost(new Agent(systemClock, silentLog), undefined)
  const lease = (user: string, waitMs: number): Promise<Lease> => {
    const listener = {
      note: (text: string) => {
        notes.push(text)
        noted.resolve()
      },
    } as LeaseOptions['listener']
    const holder = { ...thisProcess(['run'], systemClock), user }
    return host.lease(board, { holder, waitMs, listener, signal: AbortSignal.timeout(30_000) })
  }
  return {
    ...{ name, desk, notes, noted: noted.promise, lease, bookPath: join(dir.path, BOOK_NAME) },
    [Symbol.asyncDispose]: async () => {
      await desk[Symbol.asyncDispose]()
      dir[Symbol.dispose]()
    },
  }
}

test('a board that is held by an agent that is not running is had by whoever holds it, and by nobody else', async () => {
  await using at = await heldBench()
  await assert.rejects(
    at.lease('bob', 0),
    ({ code, seen }: Fault) =>
      code === 'lease/held' && /^it is held by alice \(a test\) until .* not running$/.test(seen),
  )
  await using lease = await at.lease('alice', 0)
  assert.equal(lease.board.name, 'a')
  assert.deepEqual(at.notes, [])
})

test('who can wait is told for whom, and has the board when the hold is over', async () => {
  await using at = await heldBench()
  const waiting = at.lease('bob', 20_000)
  await at.noted
  await at.desk.release('hold-of-alice')
  await using lease = await waiting
  assert.equal(lease.board.name, 'a')
  assert.match(at.notes.join(), /^waits: it is held by alice \(a test\) until /)
})

test('who waits so does not wait past an agent that is there again', async () => {
  await using at = await heldBench()
  const waiting = at.lease('bob', 20_000)
  waiting.catch(() => undefined)
  await at.noted
  const how = { waitMs: 0, clock: systemClock, signal: AbortSignal.timeout(5000) }
  await using _agent = await BoardLock.take(at.name, AGENT_LOCK, thisProcess(['agent'], systemClock), how)
  await assert.rejects(
    waiting,
    ({ code, next }: Fault) => code === 'lease/held' && (next ?? '').endsWith('has a queue'),
  )
})

test('a book that cannot be read keeps nobody from a board, and is told of', async () => {
  await using at = await heldBench()
  writeFileSync(at.bookPath, '{"version":4,"turn":9,"book":{}}\n[{"type":"nonsense"\n[]\n')
  await using _lease = await at.lease('bob', 0)
  assert.match(at.notes.join(), /^whether somebody holds a is not known: /)
})
