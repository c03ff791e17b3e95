import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import type { Fault } from '../../base/fault.ts'
import { silentLog } from '../../base/log.ts'
import { systemClock } from '../../base/time.ts'
import { BENCH, request } from '../../model/lease/book-test-kit.ts'
import { hostDisk, type BookDisk } from './book-disk.ts'
import type { HostTime } from './book-time.ts'
import { LeaseDesk } from './desk.ts'
import { entryOf, filesOf, findBook, readBook } from './read-book.ts'

function place(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'hil-'))
  t.after(() => rmSync(folder, { recursive: true }))
  return join(folder, 'leases.jsonl')
}

const open = (path: string): LeaseDesk => LeaseDesk.open(path, { clock: systemClock, log: silentLog })
const nowMs = (): number => Date.now()
const ask = (id: string, change = {}) => request(id, { askedMs: nowMs(), ...change })

test('what was acknowledged is there for whoever reads the file, whatever becomes of this process', async t => {
  const path = place(t)
  await using first = open(path)
  await first.bench(BENCH)
  await first.ask(ask('x'))
  const waiting = first.ask(ask('y'))
  waiting.catch(() => undefined)
  await first.renew('x', 90_000)
  await first.hand('x', 'bob', 'alice')
  // Never closed: as after a kill.
  await using second = open(path)
  assert.deepEqual(second.book, first.book)
  assert.equal(second.held('a1', 2).user, 'bob')
  assert.throws(() => second.held('a1', 1), /lease 1 of alice was handed by alice .*; it is held by bob \(a test\) now/)
  assert.deepEqual(
    second.queue().map(({ id, place }) => [id, place]),
    [['y', 1]],
  )
})

test('who waits gets the board once it is given back, once, however often they asked', async t => {
  await using desk = open(place(t))
  await desk.bench(BENCH)
  await desk.ask(ask('x'))
  const waiters = [desk.ask(ask('y')), desk.ask(ask('y'))]
  await desk.release('x')
  const [one, other] = await Promise.all(waiters)
  assert.deepEqual(one, other)
  assert.deepEqual(one?.grants, [{ board: 'a1', epoch: 2 }])
})

test('who asks again has the board when that is kept and told, and not when it is decided', async t => {
  await using desk = open(place(t))
  await desk.bench(BENCH)
  let told = ''
  using _following = desk.follow(events => {
    for (const event of events) if (event.type === 'granted') told = event.id
  })
  await desk.ask(ask('0'))
  for (let n = 1; n < 30; n++) {
    const [before, next] = [String(n - 1), String(n)]
    const waiting = desk.ask(ask(next))
    const again = desk.ask(ask(next)).then(() => told)
    // Somewhere between what was asked again and the answer: while that is being written, too.
    for (let turn = 0; turn < n; turn++) await Promise.resolve()
    await desk.release(before)
    assert.equal(await again, next)
    await waiting
  }
})

test('who gives up, and who is withdrawn, is told so', async t => {
  await using desk = open(place(t))
  await desk.bench(BENCH)
  await desk.ask(ask('x', { purpose: 'pid 1' }))
  const late = desk.ask(ask('y', { giveUpMs: nowMs() + 30 }))
  const gone = desk.ask(ask('z'))
  await assert.rejects(
    late,
    (fault: Fault) => fault.code === 'lease/held' && /held by alice \(pid 1\)/.test(fault.seen),
  )
  const refused = assert.rejects(gone, (fault: Fault) => fault.code === 'cancelled/interrupt')
  await desk.release('z')
  await refused
  await assert.rejects(desk.release('z'), (fault: Fault) => fault.code === 'lease/stale')
})

test('a lease ends by itself when its time is over, and the next has the board', async t => {
  await using desk = open(place(t))
  await desk.bench(BENCH)
  await desk.ask(ask('x', { forMs: 40 }))
  const next = await desk.ask(ask('y'))
  assert.deepEqual(next.grants, [{ board: 'a1', epoch: 2 }])
})

test('a torn line that was not on the disk yet is dropped with what is behind it; a damaged one that was is told', async t => {
  const path = place(t)
  {
    await using desk = open(path)
    await desk.bench(BENCH)
    await desk.ask(ask('x'))
  }
  const text = readFileSync(path, 'utf8')
  const whole = text.trimEnd()
  const empty = text.slice(whole.length)
  const from = whole.lastIndexOf('\n') + 1
  const last = whole.slice(from)
  const keep = (kept: string): void => {
    writeFileSync(path, kept)
    rmSync(`${path}.2`, { force: true })
  }
  const dropped = async (torn: string): Promise<void> => {
    keep(torn)
    const disk = { ...hostDisk, aheadBytes: 4096 }
    await using desk = LeaseDesk.open(path, { clock: systemClock, log: silentLog, disk })
    assert.equal(desk.holder('a1')?.id, undefined)
    assert.equal(desk.book.boards['a1']?.name, 'a1')
  }
  for (let cut = 1; cut < last.length; cut += 29) {
    await dropped(whole.slice(0, -cut))
    await dropped(whole.slice(0, -cut) + empty)
    // After a power cut the later blocks of it may be there without the earlier ones, or nothing where they were.
    await dropped(`${whole.slice(0, from)}${'\n'.repeat(cut)}${last.slice(cut)}${empty}`)
    await dropped(`${whole.slice(0, from)}${'\0'.repeat(cut)}${last.slice(cut)}${empty}`)
    await dropped(`${whole.slice(0, from)}${last.slice(0, cut)}\n\n${last.slice(cut + 2)}${empty}`)
  }
  await dropped(`${whole.slice(0, from)}nonsense\n${entryOf(3, 1, []).toString()}${empty}`)
  await dropped(`${whole.slice(0, from)}${entryOf(3, 1, []).toString()}${empty}`)
  for (const damaged of ['nonsense\n', '']) {
    keep(`${whole.slice(0, from)}${damaged}${entryOf(3, 2, []).toString()}${empty}`)
    assert.throws(() => open(path), /configuration\/lease-book: .* line 3 is damaged/)
  }
  writeFileSync(path, `${text.slice(1)}${empty}`)
  assert.throws(() => open(path), /configuration\/lease-book: .* line 1 is damaged/)
  writeFileSync(path, text)
  await using desk = open(path)
  assert.equal(desk.holder('a1')?.id, 'x')
})

test('a book of an older version is read: leases were kept by id then, and use by user', async t => {
  const path = place(t)
  {
    await using desk = open(path)
    await desk.bench(BENCH)
    await desk.ask(ask('x'))
    await desk.release('x')
    await desk.ask(ask('y', { user: 'bob' }))
    await using same = open(path)
    assert.deepEqual(same.book, desk.book)
    const { held, usage, ...rest } = desk.book
    const old = {
      ...rest,
      held: Object.fromEntries(held.map(one => [one.id, one])),
      usage: Object.fromEntries(usage.map(({ user, ...had }) => [user, had])),
    }
    rmSync(`${path}.2`)
    for (const version of [1, 2]) {
      writeFileSync(path, `${JSON.stringify({ version, book: old })}\n`)
      assert.deepEqual(readBook(path), desk.book)
    }
    assert.deepEqual(
      usage.map(({ user }) => user),
      ['alice'],
    )
  }
  writeFileSync(path, `${JSON.stringify({ version: 6, book: {} })}\n`)
  assert.throws(() => open(path), /configuration\/lease-book: .* version 6/)
})

test('a long book is made anew and says the same', async t => {
  const path = place(t)
  const aheadBytes = 1 << 16
  const disk = { ...hostDisk, aheadBytes }
  await using desk = LeaseDesk.open(path, { clock: systemClock, log: silentLog, disk })
  await desk.bench(BENCH)
  const pairs = async (name: string, board: string): Promise<void> => {
    for (let n = 0; n < 400; n++) {
      await desk.ask(ask(`${name}${n}`, { asks: [{ board }] }))
      await desk.release(`${name}${n}`)
    }
  }
  await Promise.all(
    ['a1', 'a2', 'b1'].map(board => Promise.all([pairs(`${board}-p`, board), pairs(`${board}-q`, board)])),
  )
  assert.equal(desk.book.boards['a1']?.epoch, 800)
  // What happened takes 0.9 MB.
  assert.ok(readFileSync(path, 'utf8').trimEnd().length < 2 * aheadBytes)
  await using again = open(path)
  assert.deepEqual(again.book, desk.book)
})

test('what was decided while the disk was full is told, and kept, once there is room', async t => {
  let isFull = false
  const full = (): void => {
    if (isFull) throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' })
  }
  const disk: BookDisk = {
    ...hostDisk,
    create: path => {
      full()
      return hostDisk.create(path)
    },
    write: (...args) => {
      full()
      return hostDisk.write(...args)
    },
  }
  const path = place(t)
  await using desk = LeaseDesk.open(path, { clock: systemClock, log: silentLog, disk })
  await desk.bench(BENCH)
  await desk.ask(ask('x'))
  const waiting = desk.ask(ask('y'))
  await desk.renew('x', null)
  const ended: string[] = []
  using _following = desk.follow(events =>
    events.forEach(event => {
      if (event.type === 'ended') ended.push(event.id)
    }),
  )
  isFull = true
  await assert.rejects(desk.release('x'), /infrastructure\/disk-full/)
  assert.deepEqual(ended, [], 'nobody is told of what is not kept')
  isFull = false
  assert.deepEqual((await waiting).grants, [{ board: 'a1', epoch: 2 }])
  assert.deepEqual(ended, ['x'])
  await using again = open(path)
  assert.deepEqual(again.book, desk.book)
})

test('a lease that its host lost with its power is fenced off: numbers go on behind what the book may not know', async t => {
  const path = place(t)
  const host = (bootId: string): HostTime => ({ bootId, uptimeMs: () => systemClock.ticksMs(), stillMs: () => 0 })
  const opened = (bootId: string): LeaseDesk =>
    LeaseDesk.open(path, { clock: systemClock, log: silentLog, host: host(bootId) })
  let before: readonly [string, string][] = []
  {
    await using desk = opened('one')
    await desk.bench(BENCH)
    await desk.ask(ask('x', { asks: [{ board: 'a2' }] }))
    before = filesOf(path)
      .filter(file => existsSync(file))
      .map(file => [file, readFileSync(file, 'utf8')])
    assert.deepEqual((await desk.ask(ask('lost'))).grants, [{ board: 'a1', epoch: 1 }])
  }
  for (const [file, text] of before) writeFileSync(file, text)
  {
    await using desk = opened('two')
    assert.equal(desk.held('a2', 1).id, 'x', 'what it does know goes on')
    const [grant] = (await desk.ask(ask('y'))).grants
    assert.ok(grant!.epoch > 1 && desk.holder('a1')?.id === 'y')
    assert.throws(() => desk.held('a1', 1), /lease\/stale/)
  }
  await using same = opened('two')
  const { epoch } = same.book.boards['a1']!
  await same.release('y')
  assert.deepEqual((await same.ask(ask('z'))).grants, [{ board: 'a1', epoch: epoch + 1 }])
})

test('whoever asks while the disk has stood still waits for it, and what it refused is kept anew', async t => {
  const path = place(t)
  let refuse: (() => void) | undefined
  const stuck = Promise.withResolvers<void>()
  const disk: BookDisk = {
    ...hostDisk,
    sync: async fd => {
      if (!refuse) return await hostDisk.sync(fd)
      stuck.resolve()
      await new Promise((_, reject) => (refuse = () => reject(Object.assign(new Error('EIO'), { code: 'EIO' }))))
    },
  }
  const clock = { ...systemClock }
  await using desk = LeaseDesk.open(path, { clock, log: silentLog, disk })
  await desk.bench(BENCH)
  // Not in the midst of making the other file.
  while (!existsSync(`${path}.2`)) await new Promise(resolve => setImmediate(resolve))
  refuse = () => undefined
  await desk.ask(ask('x'))
  await stuck.promise
  await desk.ask(ask('y', { asks: [{ board: 'a2' }] }))
  // The disk has not answered for longer than anybody is answered without it.
  clock.ticksMs = () => systemClock.ticksMs() + 1000
  let isAnswered = false
  const third = desk.ask(ask('z', { asks: [{ board: 'b1' }] })).then(() => (isAnswered = true))
  await new Promise(resolve => setImmediate(resolve))
  assert.equal(isAnswered, false)
  const refused = refuse
  refuse = undefined
  refused()
  await third
  assert.deepEqual(readBook(path), desk.book)
  assert.deepEqual(Object.keys(desk.book.held), ['0', '1', '2'])
})

test('a process may be killed at any moment while many ask and give back: the book is whole, and no event is in it twice', async t => {
  const path = place(t)
  const disk: BookDisk = {
    ...hostDisk,
    aheadBytes: 4096,
    sync: async fd => {
      await new Promise(resolve => setImmediate(resolve))
      await hostDisk.sync(fd)
    },
  }
  await using desk = LeaseDesk.open(path, { clock: systemClock, log: silentLog, disk })
  await desk.bench(BENCH)
  const sometime = async (turns: number): Promise<void> => {
    for (; turns > 0; turns--) await new Promise(resolve => setImmediate(resolve))
  }
  const works = async (board: string, n: number): Promise<void> => {
    for (let pair = 0; pair < 150; pair++) {
      const id = `${board}-${pair}`
      await desk.ask(ask(id, { asks: [{ board }] }))
      await sometime(pair % (n + 2))
      await desk.release(id)
      await sometime(pair % (n + 3))
    }
  }
  let told = desk.book
  using _following = desk.follow((_events, _before, after) => void (told = after))
  const boards = ['a1', 'a2', 'b1']
  const over = new AbortController()
  const all = Promise.all(boards.map((board, n) => works(board, n))).finally(() => over.abort())
  for (; !over.signal.aborted; await sometime(1)) {
    const kept = readBook(path, disk)
    const ids = kept.held.map(({ id }) => id)
    assert.equal(new Set(ids).size, ids.length, ids.join(' '))
    for (const board of boards) {
      const [least, epoch, most] = [told, kept, desk.book].map(book => book.boards[board]?.epoch ?? 0)
      assert.ok(least! <= epoch! && epoch! <= most!, `${least} told, ${epoch} kept, ${most} decided`)
    }
  }
  await all
  assert.deepEqual(readBook(path, disk), desk.book)
  assert.ok(findBook(path, disk).turn > 20)
})

test('a board that is new to the book is on the disk before anybody is told of it: its numbers are known nowhere else', async t => {
  const path = place(t)
  let synced = 0
  const disk: BookDisk = { ...hostDisk, sync: async fd => (await hostDisk.sync(fd), void synced++) }
  // Nothing is brought to the disk by itself.
  const clock = { ...systemClock, sleep: (_ms: number, signal?: AbortSignal) => systemClock.sleep(3_600_000, signal) }
  await using desk = LeaseDesk.open(path, { clock, log: silentLog, disk })
  while (!existsSync(`${path}.2`)) await new Promise(resolve => setImmediate(resolve))
  const before = synced
  await desk.bench(BENCH)
  assert.equal(synced, before + 1)
  await desk.ask(ask('x'))
  assert.equal(synced, before + 1)
})
