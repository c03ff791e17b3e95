import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { silentLog } from '../../base/log.ts'
import { systemClock, type Clock } from '../../base/time.ts'
import { EMPTY_BOOK } from '../../model/lease/words.ts'
import { BENCH, request } from '../../model/lease/book-test-kit.ts'
import { hostDisk, type BookDisk } from './book-disk.ts'
import { LeaseDesk } from './desk.ts'
import { entryOf, filesOf, findBook, lineOf, readBook } from './read-book.ts'

function place(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'hil-journal-'))
  t.after(() => rmSync(folder, { recursive: true }))
  return join(folder, 'leases.jsonl')
}

const open = (path: string, disk: BookDisk): LeaseDesk =>
  LeaseDesk.open(path, { clock: systemClock, log: silentLog, disk })

/** Takes a board and gives it back, again and again; says each time when that is acknowledged. */
async function work(desk: LeaseDesk, pairs: number, acknowledged = (): void => undefined): Promise<void> {
  await desk.bench(BENCH)
  for (let n = 0; n < pairs; n++) await pair(desk, `x${n}`, acknowledged)
}

async function pair(desk: LeaseDesk, id: string, acknowledged = (): void => undefined): Promise<void> {
  await desk.ask(request(id, { askedMs: Date.now(), asks: [{ board: 'a1' }] }))
  acknowledged()
  await desk.release(id)
}

/** What the other file says once it is empty. */
async function ready(path: string): Promise<string> {
  for (;;) {
    const { path: kept } = findBook(path)
    const other = filesOf(path).find(file => file !== kept)!
    const text = existsSync(other) ? readFileSync(other, 'utf8').trimEnd() : ''
    if (text.startsWith('{') && !text.includes('book')) return text
    await systemClock.sleep(5)
  }
}

/** A host's disk that ends a book soon. */
const small: BookDisk = { ...hostDisk, aheadBytes: 4096 }

test('a book goes on in the other of its files, which was made ready, and nobody waits for one to be made', async t => {
  const path = place(t)
  let renamed = 0
  const disk: BookDisk = {
    ...small,
    rename: (...args) => (renamed++, hostDisk.rename(...args)),
  }
  {
    await using desk = open(path, disk)
    await work(desk, 200)
    const { turn, book } = findBook(path)
    assert.ok(turn > 12 && renamed < 6, `${turn} turns, ${renamed} files`)
    assert.deepEqual(book, desk.book)
  }
  assert.ok(filesOf(path).every(file => statSync(file).size < 4 * disk.aheadBytes))
  const before = findBook(path)
  await using desk = open(path, disk)
  assert.deepEqual(desk.book, before.book)
  const after = findBook(path)
  assert.equal(after.turn, before.turn + 1)
  assert.notEqual(after.path, before.path, 'what is kept stays until it is kept once more')
})

test('nobody waits for a disk that takes its time, nor while the files take turns', { timeout: 20_000 }, async t => {
  const path = place(t)
  let free = Promise.resolve()
  let stoppedMs: number | undefined
  const clock: Clock = { ...systemClock, ticksMs: () => stoppedMs ?? systemClock.ticksMs() }
  const disk: BookDisk = { ...small, sync: async fd => (await free, await hostDisk.sync(fd)) }
  await using desk = LeaseDesk.open(path, { clock, log: silentLog, disk })
  await work(desk, 100)
  await ready(path)
  const { promise, resolve } = Promise.withResolvers<void>()
  free = promise
  stoppedMs = systemClock.ticksMs()
  const { turn } = findBook(path)
  for (let n = 0; findBook(path).turn === turn; n++) await pair(desk, `y${n}`)
  assert.deepEqual(readBook(path), desk.book)
  resolve()
})

test('where the other file was long in coming, nobody is answered by a disk that is too far behind', async t => {
  const path = place(t)
  const emptied = Promise.withResolvers<void>()
  const synced = Promise.withResolvers<void>()
  let [isHeld, areLinesHeld, isLate, given] = [false, false, false, 0]
  const clock: Clock = { ...systemClock, ticksMs: () => systemClock.ticksMs() + (isLate ? 5000 : 0) }
  const isEmpty = new Map<number, boolean>()
  const disk: BookDisk = {
    ...small,
    write: (fd, bytes, from, position) => {
      isEmpty.set(fd, !/book|events/.test(bytes.toString()))
      return hostDisk.write(fd, bytes, from, position)
    },
    sync: async fd => {
      if (isEmpty.get(fd) && isHeld) await emptied.promise
      if (!isEmpty.get(fd) && areLinesHeld) await synced.promise
      await hostDisk.sync(fd)
    },
  }
  await using desk = LeaseDesk.open(path, { clock, log: silentLog, disk })
  using _end = { [Symbol.dispose]: () => synced.resolve() }
  await work(desk, 1)
  await ready(path)
  const { turn } = findBook(path)
  isHeld = true
  const give = async (): Promise<void> => {
    await pair(desk, `y${given++}`, () => given++)
    given++
  }
  while (findBook(path).turn === turn) await give()
  // Its first line gets to the disk, and the emptying of the other begins, and goes on for long.
  await systemClock.sleep(50)
  areLinesHeld = true
  const all = (async () => {
    for (let n = 0; n < 20; n++) await give()
  })()
  const stuck = async (): Promise<number> => {
    for (let before = -1; given !== before; await systemClock.sleep(50)) before = given
    return given
  }
  const before = await stuck()
  isLate = true
  emptied.resolve()
  assert.equal(await stuck(), before)
  synced.resolve()
  await all
  assert.ok(given > before)
})

test('a file is not emptied before the first line of the other is on the disk', async t => {
  const path = place(t)
  const unsafe = new Set<number>()
  const emptied: number[] = []
  const disk: BookDisk = {
    ...small,
    write: (fd, bytes, from, position) => {
      if (position === 0 && bytes.includes('"book"')) unsafe.add(fd)
      if (position === 0 && bytes[0] === 0x0a) emptied.push(unsafe.size)
      return hostDisk.write(fd, bytes, from, position)
    },
    sync: async fd => {
      const had = unsafe.has(fd)
      await systemClock.sleep(3)
      await hostDisk.sync(fd)
      if (had) unsafe.delete(fd)
    },
    syncNow: fd => (hostDisk.syncNow(fd), void unsafe.delete(fd)),
  }
  await using desk = open(path, disk)
  await work(desk, 0)
  for (let n = 0; n < 200; n++) {
    await pair(desk, `x${n}`)
    // Also while a sync of the file before is under way.
    if (n % 3 === 0) await systemClock.sleep(n % 10)
  }
  assert.ok(emptied.length > 10, `${emptied.length} times`)
  assert.deepEqual(new Set(emptied), new Set([0]), 'first lines that were not on the disk')
  assert.deepEqual(readBook(path), desk.book)
})

test('a first line that was being written when the host lost its power has not had its turn', async t => {
  const path = place(t)
  {
    await using desk = open(path, small)
    await work(desk, 5)
  }
  const kept = findBook(path)
  const other = filesOf(path).find(file => file !== kept.path)!
  const next = lineOf(EMPTY_BOOK, kept.turn + 1).toString()
  for (const torn of [next.slice(0, -2), `\n${next.slice(1)}`, `${next.slice(0, 9)}\n${next.slice(10)}`, '', '\n\n']) {
    writeFileSync(other, `${torn}\n\n`)
    assert.deepEqual(findBook(path), kept)
  }
  const torn = next.slice(1)
  const line = (n: number, safe: number): string => entryOf(n, safe, []).toString()
  writeFileSync(other, `${torn}${line(1, -1)}`)
  assert.deepEqual(findBook(path), kept, 'nor has one with lines behind it, while those did not wait for the disk')
  writeFileSync(other, next)
  assert.equal(findBook(path).path, other)
  // It was on the disk already, and what is in the file before it is old.
  for (const lines of ['[]\n', `${line(1, -1)}${line(2, 0)}`]) {
    writeFileSync(other, `${torn}${lines}`)
    assert.throws(() => findBook(path), /configuration\/lease-book: .* line 1 is damaged/)
  }
})

test('a host that loses its power while a file is emptied does not take what is left in it for a book', async t => {
  for (const nth of [1, 2, 3]) {
    const path = place(t)
    let emptied = 0
    const disk: BookDisk = {
      ...small,
      write: (fd, bytes, from, position) => {
        if (emptied === nth) throw new Error('no power')
        if (position > 0 || bytes[0] !== 0x0a || findBook(path).turn < 4 || ++emptied < nth)
          return hostDisk.write(fd, bytes, from, position)
        // Of what is longer than a sector any of them may be there.
        const some = bytes.subarray(512, 1024)
        if (some.length > 0) hostDisk.write(fd, some, 0, 512)
        throw new Error('no power')
      },
    }
    await using desk = open(path, disk)
    let given = 0
    await assert.rejects(
      work(desk, 200, () => given++),
      /no power/,
    )
    assert.ok(given > 20, `${given} leases`)
    assert.ok([given, given + 1].includes(readBook(path).boards['a1']?.epoch ?? 0))
  }
})

test('where the disk has no room to make one ready, a book is kept all the same, and no room is taken for nothing', async t => {
  const path = place(t)
  const disk: BookDisk = {
    ...small,
    write: (fd, bytes, ...rest) => {
      if (bytes[0] === 0x0a) throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' })
      return hostDisk.write(fd, bytes, ...rest)
    },
  }
  await using desk = open(path, disk)
  await work(desk, 100)
  assert.deepEqual(readBook(path), desk.book)
  assert.equal(statSync(`${path}.new`).size, 0)
})

test('what was acknowledged is there wherever among the steps of the disk a process ends', async t => {
  for (let last = 1; last < 400; last += 7) {
    const path = place(t)
    let steps = 0
    const step = (): void => {
      if (steps++ >= last) throw new Error('killed')
    }
    const disk: BookDisk = {
      ...small,
      create: path => (step(), hostDisk.create(path)),
      write: (...args) => (step(), hostDisk.write(...args)),
      sync: async fd => (step(), await hostDisk.sync(fd)),
      syncNow: fd => (step(), hostDisk.syncNow(fd)),
      rename: (...args) => (step(), hostDisk.rename(...args)),
      syncFolder: path => (step(), hostDisk.syncFolder(path)),
    }
    let given = 0
    try {
      await using desk = open(path, disk)
      await work(desk, 100, () => given++)
    } catch {
      // As a kill would.
    }
    const { boards } = readBook(path)
    const epoch = boards['a1']?.epoch ?? 0
    assert.ok(
      epoch === given || epoch === given + 1,
      `killed at ${last}: ${given} were acknowledged, ${epoch} are kept`,
    )
    if (last > 300) assert.ok(given > 20, `only ${given} in ${last} steps`)
  }
})

test('a file that is empty is refused by whoever knows of one file only', async t => {
  const path = place(t)
  await using desk = open(path, small)
  await work(desk, 100)
  assert.deepEqual(JSON.parse(await ready(path)), { version: 5 })
})

test('a book that outgrows its files where the disk is full goes on in those it has, as long as it fits', async t => {
  const path = place(t)
  let isFull = false
  const disk: BookDisk = {
    ...hostDisk,
    aheadBytes: 16_384,
    create: at => {
      if (isFull) throw Object.assign(new Error('EDQUOT'), { code: 'EDQUOT' })
      return hostDisk.create(at)
    },
  }
  await using desk = open(path, disk)
  await work(desk, 3)
  isFull = true
  for (let n = 0; n < 25; n++) {
    const user = `user-${n}-${'x'.repeat(250)}`
    await desk.ask(request(`y${n}`, { user, askedMs: Date.now(), asks: [{ board: 'a1' }] }))
    await desk.release(`y${n}`)
  }
  const { turn, book } = findBook(path)
  assert.ok(turn > 1)
  assert.deepEqual(book, desk.book)
})

test('a disk that cannot close a file holds nobody up', async t => {
  const path = place(t)
  const disk: BookDisk = {
    ...small,
    close: fd => {
      hostDisk.close(fd)
      throw new Error('EIO')
    },
  }
  await using desk = open(path, disk)
  await work(desk, 100)
  assert.deepEqual(readBook(path), desk.book)
})

test('a folder that cannot be synced loses no book, whichever of its files was just given a name', async t => {
  for (let nth = 2; nth < 6; nth++) {
    const path = place(t)
    let synced = 0
    const disk: BookDisk = {
      ...hostDisk,
      aheadBytes: 16_384,
      syncFolder: folder => {
        if (++synced === nth) throw Object.assign(new Error('EMFILE'), { code: nth % 2 ? 'EMFILE' : 'ENOSPC' })
        hostDisk.syncFolder(folder)
      },
    }
    await using desk = open(path, disk)
    await desk.bench(BENCH)
    for (let n = 0; n < 120; n++) {
      // Of a size that fits a first file, and for which a larger one is made.
      const user = `user-${n % 12}-${'x'.repeat(250)}`
      await desk.ask(request(`y${n}`, { user, askedMs: Date.now(), asks: [{ board: 'a1' }] })).catch(() => undefined)
      await desk.release(`y${n}`).catch(() => undefined)
    }
    assert.ok(synced >= nth, `${synced} files`)
    assert.deepEqual(readBook(path), desk.book)
  }
})

test('two files without a book are none of an agent that begins', t => {
  const path = place(t)
  for (const file of filesOf(path)) writeFileSync(file, '{"version":4}\n\n')
  assert.throws(() => findBook(path), /configuration\/lease-book: .* no book, and there was one/)
})
