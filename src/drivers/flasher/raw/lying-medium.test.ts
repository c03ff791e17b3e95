import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { Fault } from '../../../base/fault.ts'
import { faultWith, tempDir } from '../../test-kit.ts'
import { type DiskBehaviour, EIO, faultyDisk, noFaultyDisk } from './test-kit-disk.ts'
import { CONTENT, flash, imageOf, MIB, zst } from './test-kit-image.ts'

const SIZE_BYTES = 32 * MIB
const BAD_BYTE = 9 * MIB + 12_345

/** A disk that is as it should be, for a test to spoil one part of. */
function honest(bytes = Buffer.alloc(SIZE_BYTES, 0xee)): DiskBehaviour & { bytes: Buffer } {
  return {
    bytes,
    sizeBytes: SIZE_BYTES,
    read: (offset, into) => void bytes.copy(into, 0, offset, offset + into.length),
    write: (offset, data) => void data.copy(bytes, offset),
  }
}

/** Flashes a disk and gives back what was said; the medium must not have a start then. */
async function flashOn(behaviour: DiskBehaviour & { bytes: Buffer }): Promise<Fault> {
  using dir = tempDir()
  await using disk = await faultyDisk(dir.path, behaviour)
  const image = imageOf(dir.path, zst(CONTENT), 'zst')
  const fault = await flash(image, disk.medium, { mode: 'delta' }).then(
    () => assert.fail('the flash was believed'),
    (error: unknown) => error,
  )
  assert.ok(fault instanceof Fault)
  assert.ok(
    behaviour.bytes.subarray(0, MIB).every(byte => byte === 0),
    'no start was written',
  )
  return fault
}

test('an honest disk behind the same device is believed', { skip: noFaultyDisk }, async () => {
  using dir = tempDir()
  const behaviour = honest()
  await using disk = await faultyDisk(dir.path, behaviour)
  await flash(imageOf(dir.path, zst(CONTENT), 'zst'), disk.medium)
  assert.ok(behaviour.bytes.subarray(0, CONTENT.length).equals(CONTENT))
})

test(
  'a cell that cannot hold a bit, in data and in zeros: the byte, what was expected and seen',
  { skip: noFaultyDisk },
  async () => {
    for (const at of [BAD_BYTE, 5 * MIB + 3]) {
      const disk = honest()
      const stuck = {
        ...disk,
        write: (offset: number, data: Buffer) => {
          disk.write(offset, data)
          if (offset <= at && at < offset + data.length) disk.bytes[at]! ^= 0x10
        },
      }
      const fault = await flashOn(stuck)
      assert.equal(fault.code, 'infrastructure/flash-verify')
      assert.match(fault.expected, new RegExp(`at byte ${at}$`))
      const row = at - (at % 16)
      const expected = at < CONTENT.length && at > 9 * MIB ? CONTENT.subarray(row, row + 16) : Buffer.alloc(16)
      const seen = Buffer.from(expected)
      seen[at % 16]! ^= 0x10
      const hex = (bytes: Buffer): string => bytes.toString('hex').replaceAll(/..(?=.)/g, '$& ')
      assert.deepEqual(fault.evidence, [
        `byte ${row}, expected: ${hex(expected)}`,
        `byte ${row}, seen:     ${hex(seen)}`,
      ])
    }
  },
)

test('a card of fake capacity, whose end is its start', { skip: noFaultyDisk }, async () => {
  // Data at 1 to 2 MiB is long proven when what is written at 26 to 27 MiB replaces it: 16 MiB are under way at most.
  const real = 25 * MIB
  const content = Buffer.concat([randomBytes(2 * MIB), Buffer.alloc(24 * MIB), randomBytes(MIB)])
  const bytes = Buffer.alloc(real)
  const wrapping = {
    sizeBytes: SIZE_BYTES,
    read: (offset: number, into: Buffer) => {
      for (let at = 0; at < into.length; at++) into[at] = bytes[(offset + at) % real]!
    },
    write: (offset: number, data: Buffer) => {
      for (let at = 0; at < data.length; at++) bytes[(offset + at) % real] = data[at]!
    },
  }
  using dir = tempDir()
  await using disk = await faultyDisk(dir.path, wrapping)
  const said = faultWith('infrastructure/flash-verify', 'once everything was written')
  await assert.rejects(flash(imageOf(dir.path, zst(content), 'zst'), disk.medium), said)
})

test('a disk that answers from its cache and loses what it was given', { skip: noFaultyDisk }, async () => {
  const disk = honest()
  const cache = new Map<number, Buffer>()
  let cached = 0
  const losing = {
    ...disk,
    read: (offset: number, into: Buffer) => {
      disk.read(offset, into)
      for (const [at, data] of cache) {
        const from = Math.max(at, offset)
        const to = Math.min(at + data.length, offset + into.length)
        if (from < to) data.copy(into, from - offset, from - at, to - at)
      }
    },
    write: (offset: number, data: Buffer) => {
      cache.set(offset, Buffer.from(data))
      cached += data.length
      // What leaves the cache should go to the cells; here only zeros do.
      for (const [at, old] of cache) {
        if (cached <= 2 * MIB) break
        if (old.every(byte => byte === 0)) disk.write(at, old)
        cache.delete(at)
        cached -= old.length
      }
    },
  }
  const fault = await flashOn(losing)
  assert.equal(fault.code, 'infrastructure/flash-verify')
})

test('a sector that cannot be written, one that cannot be read', { skip: noFaultyDisk }, async () => {
  const touches = (offset: number, length: number): boolean => offset <= BAD_BYTE && BAD_BYTE < offset + length
  const disk = honest()
  const unwritable = {
    ...disk,
    write: (offset: number, data: Buffer) => {
      if (touches(offset, data.length)) throw EIO
      disk.write(offset, data)
    },
  }
  assert.equal((await flashOn(unwritable)).code, 'infrastructure/flash-write')
  const other = honest()
  const unreadable = {
    ...other,
    read: (offset: number, into: Buffer) => {
      if (touches(offset, into.length)) throw EIO
      other.read(offset, into)
    },
  }
  assert.equal((await flashOn(unreadable)).code, 'infrastructure/flash-verify')
})

test('a disk that is unplugged in the middle', { skip: noFaultyDisk }, async () => {
  using dir = tempDir()
  const disk = honest()
  let unplug = (): void => {}
  const leaving = {
    ...disk,
    write: (offset: number, data: Buffer) => {
      if (offset > MIB) unplug()
      disk.write(offset, data)
    },
  }
  await using device = await faultyDisk(dir.path, leaving)
  unplug = device.unplug
  const image = imageOf(dir.path, zst(CONTENT), 'zst')
  await assert.rejects(flash(image, device.medium, { mode: 'full' }), faultWith('infrastructure/flash-write'))
  assert.ok(disk.bytes.subarray(0, MIB).every(byte => byte === 0))
})
