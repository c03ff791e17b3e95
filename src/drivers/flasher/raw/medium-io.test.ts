import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { faultWith, tempDir } from '../../test-kit.ts'
import { MediumIo, type OpenMedium, type Way } from './medium-io.ts'

const MIB = 1 << 20
const PIECES = 64
const CONTENT = randomBytes(PIECES * MIB)

/** Brings the content to a file that holds something, piece by piece. */
function bring(before: Buffer, way: Way, zeros: OpenMedium['zeros'] = 'look'): { io: MediumIo; after: Buffer } {
  using dir = tempDir()
  const path = join(dir.path, 'medium')
  writeFileSync(path, before)
  const fd = openSync(path, 'r+')
  const io = new MediumIo({ fd, path, sizeBytes: before.length, alignBytes: 1, zeros }, way)
  try {
    for (let n = 0; n < PIECES; n++) io.data(n * MIB, CONTENT.subarray(n * MIB, (n + 1) * MIB))
    return { io, after: readFileSync(path) }
  } finally {
    closeSync(fd)
  }
}

test('adaptive: compares as long as that saves writing, and gives it up where everything differs', () => {
  const same = bring(CONTENT, 'adaptive')
  assert.deepEqual([same.io.writtenBytes, same.io.keptBytes], [0, CONTENT.length])
  const other = bring(randomBytes(CONTENT.length), 'adaptive')
  assert.ok(other.after.equals(CONTENT))
  assert.deepEqual([other.io.writtenBytes, other.io.keptBytes], [CONTENT.length, 0])
  assert.ok(other.io.comparedBytes <= CONTENT.length / 8, `${other.io.comparedBytes} compared in vain`)
})

test('delta compares everything, full nothing; both leave the same', () => {
  const before = Buffer.from(CONTENT)
  before[5 * MIB + 70_000]! ^= 1
  const delta = bring(before, 'delta')
  assert.deepEqual([delta.io.writtenBytes, delta.io.comparedBytes], [64 << 10, CONTENT.length])
  const full = bring(before, 'full')
  assert.deepEqual([full.io.writtenBytes, full.io.comparedBytes], [CONTENT.length, 0])
  assert.ok(delta.after.equals(CONTENT) && full.after.equals(CONTENT))
})

test('what must be zero: looked at everywhere, in samples of each piece, or trusted', () => {
  using dir = tempDir()
  const path = join(dir.path, 'medium')
  const look = (zeros: OpenMedium['zeros'], way: Way = 'full'): { bytes: Buffer; io: MediumIo } => {
    writeFileSync(path, Buffer.concat([Buffer.alloc(4 * MIB), Buffer.alloc(4 * MIB, 0xee)]))
    const fd = openSync(path, 'r+')
    const io = new MediumIo({ fd, path, sizeBytes: 8 * MIB, alignBytes: 1, zeros }, way)
    try {
      io.zeros(MIB, 6 * MIB)
      return { bytes: readFileSync(path), io }
    } finally {
      closeSync(fd)
    }
  }
  const looked = look('look')
  assert.ok(looked.bytes.subarray(0, 7 * MIB).every(byte => byte === 0))
  assert.equal(looked.bytes[7 * MIB], 0xee)
  assert.equal(looked.io.writtenBytes, 3 * MIB)
  assert.equal(look('trust').io.readBackBytes, 0)
  assert.throws(() => look('sample'), faultWith('infrastructure/flash-verify', 'said that it zeroed'))
  assert.throws(() => look('look', 'verify'), faultWith('infrastructure/flash-verify', `at byte ${4 * MIB}`))
})
