import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { faultWith, soon, tempDir } from '../../test-kit.ts'
import { flashInChild, type Patience } from './child.ts'
import type { ProcessOrder } from './process.ts'
import { faultyDisk, noFaultyDisk } from './test-kit-disk.ts'
import { CONTENT, emptyFile, imageOf, MIB, zst } from './test-kit-image.ts'
import type { ThreadMessage } from './thread.ts'

/** Not on every host and run: a disk that hangs was seen to take all others with it that look at loop devices meanwhile. */
const skip = process.env.HIL_TEST_HUNG_DISK
  ? noFaultyDisk
  : 'a hanging disk may hang its host: set HIL_TEST_HUNG_DISK=1'

/** Flashes a disk that answers nothing from its second MiB on; `frozen` is told when that begins. */
async function flashHung(patience: Patience, signal: AbortSignal, frozen: () => void) {
  using dir = tempDir()
  const bytes = Buffer.alloc(32 * MIB, 0xee)
  let freeze = (): void => {}
  await using disk = await faultyDisk(dir.path, {
    sizeBytes: bytes.length,
    read: (offset, into) => void bytes.copy(into, 0, offset, offset + into.length),
    write: (offset, data) => {
      data.copy(bytes, offset)
      if (offset > MIB && offset < 16 * MIB) freeze()
    },
  })
  freeze = () => {
    // Once: what it still has to write when it goes on comes here too.
    freeze = () => {}
    disk.freeze()
    frozen()
  }
  const image = imageOf(dir.path, zst(CONTENT), 'zst')
  const order = { image, target: disk.medium, mode: 'delta', dryRun: false, mustHash: false, inspected: false } as const
  const notes: string[] = []
  const note = (text: string): void => void notes.push(text)
  const job = { image, target: disk.medium, signal, progress: () => {}, note }
  const error = await flashInChild(order, job, patience).then(
    () => assert.fail('the flash was believed'),
    (reason: unknown) => reason,
  )
  assert.deepEqual(hungThreads(), [], 'nothing keeps this process from ending')
  return { error, notes, path: disk.path }
}

test('an abort while the disk hangs is answered, and what still holds the disk is said', { skip }, async () => {
  const abort = new AbortController()
  const reason = new Error('enough')
  const patience = { stallMs: 300_000, graceMs: 500 }
  const { error, notes, path } = await flashHung(patience, abort.signal, () => abort.abort(reason))
  assert.equal(error, reason)
  assert.equal(notes.length, 1)
  assert.match(notes[0]!, new RegExp(`^${path} may still be held: .* process \\d+, killed already`))
})

test('a disk that hangs for too long is the fault, and what still holds it is said', { skip }, async () => {
  const { error, path } = await flashHung({ stallMs: 3000, graceMs: 500 }, soon(60_000), () => {})
  assert.ok(faultWith('infrastructure/flash-write', `${path} may still be held`)(error))
  assert.ok(faultWith('infrastructure/flash-write', 'nothing was written or read back')(error))
})

/** Threads of this process that wait for a disk: until they are answered the process cannot end. */
function hungThreads(): string[] {
  return readdirSync('/proc/self/task').filter(id => / D /.test(readFileSync(`/proc/self/task/${id}/stat`, 'latin1')))
}

test('a flash whose program ends lets go of its medium at once: with it went the lock of the board', async () => {
  using dir = tempDir()
  const imagePath = join(dir.path, 'image')
  writeFileSync(imagePath, '')
  // Holes that take seconds to read.
  truncateSync(imagePath, 8192 * MIB)
  const image = { path: imagePath, variant: 'debug', format: 'raw', sha256: '', sizeBytes: 8192 * MIB } as const
  const target = emptyFile(dir.path, 8192 * MIB)
  const order = { image, target, mode: 'full', dryRun: false, mustHash: false, inspected: true } as const
  const child = fork(fileURLToPath(new URL('./process.ts', import.meta.url)))
  const told: string[] = []
  child.on('message', ({ type }: ThreadMessage) => {
    told.push(type)
    if (type === 'begins') child.disconnect()
  })
  child.send({ order, stallMs: 300_000, graceMs: 5000 } satisfies ProcessOrder)
  const [code] = (await once(child, 'exit', { signal: soon() })) as [number | null]
  assert.equal(code, 0)
  assert.ok(told.includes('begins') && !told.includes('done'), told.join())
})
