import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { silentLog } from '../../base/log.ts'
import { systemClock } from '../../base/time.ts'
import { BENCH, request } from '../../model/lease/book-test-kit.ts'
import { hostDisk, type BookDisk } from './book-disk.ts'
import { LeaseDesk } from './desk.ts'
import { readBook } from './read-book.ts'

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
  for (let n = 0; n < pairs; n++) {
    await desk.ask(request(`x${n}`, { askedMs: Date.now(), asks: [{ board: 'a1' }] }))
    acknowledged()
    await desk.release(`x${n}`)
  }
}

/** A host's disk that ends a book soon. */
const small: BookDisk = { ...hostDisk, aheadBytes: 4096 }

test('a book goes on in a file that was made ready, and nobody waits for one to be made', async t => {
  const path = place(t)
  let [atOnce, renamed] = [0, 0]
  const disk: BookDisk = {
    ...small,
    writeNow: (...args) => (atOnce++, hostDisk.writeNow(...args)),
    rename: (...args) => (renamed++, hostDisk.rename(...args)),
  }
  await using desk = open(path, disk)
  await work(desk, 200)
  assert.equal(atOnce, 1, 'that of the beginning')
  assert.ok(renamed > 10, `${renamed} files`)
  assert.deepEqual(readBook(path), desk.book)
})

test('where the disk has no room to make one ready, a book is kept all the same, and no room is taken for nothing', async t => {
  const path = place(t)
  const disk: BookDisk = {
    ...small,
    write: async (fd, bytes, ...rest) => {
      if (bytes[0] === 0x0a) throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' })
      return await hostDisk.write(fd, bytes, ...rest)
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
      writeNow: (...args) => (step(), hostDisk.writeNow(...args)),
      write: async (...args) => (step(), await hostDisk.write(...args)),
      sync: fd => (step(), hostDisk.sync(fd)),
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
