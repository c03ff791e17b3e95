import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { closeSync, mkdirSync, openSync, readFileSync, statSync, truncateSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { zstdCompressSync } from 'node:zlib'
import type { FlashProgress } from '../../controls/flasher.ts'
import type { Image } from '../../model/image.ts'
import { inspectImage } from '../../image/inspect.ts'
import { faultWith, soon, tempDir } from '../test-kit.ts'
import { loopDisk, noLoop } from './raw/test-kit-disk.ts'
import { bmapOf, CONTENT, emptyFile, flash, imageOf, MIB, pack, sha256, usedFile, zst } from './raw/test-kit-image.ts'

const FORMATS = ['raw', 'zst', 'xz', 'gz', 'bz2'] as const

for (const format of FORMATS)
  test(`${format}: exact on a used file, with and without a block map`, async () => {
    using dir = tempDir()
    const image = imageOf(dir.path, pack(CONTENT, format), format)
    const bmapPath = join(dir.path, 'ghaf.bmap')
    writeFileSync(bmapPath, bmapOf(CONTENT))
    for (const more of [{}, { bmapPath }, { rawSha256: sha256(CONTENT) }]) {
      const target = usedFile(dir.path)
      const phases: string[] = []
      const proof = await flash({ ...image, ...more }, target, { progress: ({ phase }) => phases.push(phase) })
      const onMedium = readFileSync(target.path)
      assert.ok(onMedium.subarray(0, CONTENT.length).equals(CONTENT))
      assert.ok(
        onMedium.subarray(CONTENT.length).every(byte => byte === 0),
        'nothing old shows through',
      )
      assert.equal(onMedium.length, 16 * MIB)
      assert.ok(statSync(target.path).blocks * 512 < 5 * MIB, 'zeros are holes')
      assert.equal(proof.imageBytes, CONTENT.length)
      assert.equal(proof.rawSha256, 'rawSha256' in more ? sha256(CONTENT) : undefined)
      assert.equal(proof.mode, 'full')
      assert.ok(phases.includes('write') && phases.at(-1) === 'verify')
    }
  })

for (const format of FORMATS)
  test(`${format}: exact on a used block device`, { skip: noLoop }, async () => {
    using dir = tempDir()
    await using disk = await loopDisk(usedFile(dir.path).path)
    const image = imageOf(dir.path, pack(CONTENT, format), format)
    // A loop device can zero itself, which is believed by samples; a delta looks at all of it.
    const proof = await flash(image, disk.medium, format === 'raw' ? {} : { mode: 'delta' })
    const onMedium = readFileSync(disk.path)
    const sampledBytes = proof.sampledBytes ?? 0
    assert.ok(proof.readBackBytes + sampledBytes >= CONTENT.length, 'all of it was read back, zeros too')
    assert.equal(sampledBytes > 0, format === 'raw')
    assert.ok(onMedium.subarray(0, CONTENT.length).equals(CONTENT))
    assert.ok(
      onMedium.subarray(-MIB).every(byte => byte === 0),
      'an old partition table at the end is gone',
    )
    assert.equal(proof.target, disk.path)
  })

test('an image that ends in the middle of a sector, one smaller than its head, many frames in one file', async () => {
  using dir = tempDir()
  const odd = CONTENT.subarray(0, 3 * MIB + 777)
  const frames = Buffer.concat([zst(odd.subarray(0, MIB)), zstdCompressSync(odd.subarray(MIB))])
  const small = CONTENT.subarray(0, 5000)
  for (const [content, packed] of [
    [odd, zst(odd)],
    [odd, frames],
    [small, zst(small)],
  ] as const) {
    const target = usedFile(dir.path)
    const proof = await flash(imageOf(dir.path, packed, 'zst', { rawSha256: sha256(content) }), target)
    assert.equal(proof.imageBytes, content.length)
    assert.ok(readFileSync(target.path).subarray(0, content.length).equals(content))
  }
})

for (const how of ['engine', 'stream'])
  test(`zst by the ${how}: many frames, with others to be skipped before and between them, as pzstd writes`, async () => {
    using dir = tempDir()
    using _ = environment('HIL_ZSTD', how)
    const skipped = Buffer.from('502a4d180400000001020304', 'hex')
    const parts = [0, 3, 6, 9].map(mib => zst(CONTENT.subarray(mib * MIB, Math.min((mib + 3) * MIB, CONTENT.length))))
    for (const packed of [
      Buffer.concat(parts.flatMap(part => [skipped, part])),
      Buffer.concat([zst(CONTENT), skipped]),
    ]) {
      const target = usedFile(dir.path)
      const proof = await flash(imageOf(dir.path, packed, 'zst', { rawSha256: sha256(CONTENT) }), target)
      assert.equal(proof.imageBytes, CONTENT.length)
      assert.ok(readFileSync(target.path).subarray(0, CONTENT.length).equals(CONTENT))
    }
    const flipped = Buffer.concat([skipped, parts[0]!])
    flipped[MIB]! ^= 1
    const broken = imageOf(dir.path, flipped, 'zst')
    await assert.rejects(flash(broken, usedFile(dir.path)), faultWith('configuration/image', 'readable to its end'))
  })

for (const format of ['gz', 'bz2'] as const)
  test(`${format}: while the size is not known, progress is what was read of the packed file`, async () => {
    using dir = tempDir()
    const packed = pack(randomBytes(14 * MIB), format)
    const reports: FlashProgress[] = []
    const progress = (report: FlashProgress): void => void reports.push(report)
    await flash(imageOf(dir.path, packed, format), usedFile(dir.path), { progress })
    const writing = reports.filter(({ phase }) => phase === 'write')
    assert.ok(writing.every(({ totalBytes }) => totalBytes === packed.length))
    assert.ok(writing[0]!.doneBytes > 0 && writing[0]!.doneBytes < packed.length, String(writing[0]!.doneBytes))
    assert.equal(writing.at(-1)!.doneBytes, packed.length)
  })

test('a medium of odd size, which cannot be written past the memory of the host', async () => {
  using dir = tempDir()
  const target = usedFile(dir.path, 12 * MIB + 100)
  await flash(imageOf(dir.path, zst(CONTENT), 'zst'), target)
  assert.ok(readFileSync(target.path).subarray(0, CONTENT.length).equals(CONTENT))
})

test('a bad image is found before the medium is touched', async () => {
  using dir = tempDir()
  const target = usedFile(dir.path)
  const old = readFileSync(target.path)
  const packed = zst(CONTENT)
  const good = imageOf(dir.path, packed, 'zst')
  const bmapPath = join(dir.path, 'other.bmap')
  writeFileSync(bmapPath, bmapOf(CONTENT.subarray(0, MIB)))
  const cases: [Image, string][] = [
    [imageOf(dir.path, packed.subarray(0, -1000), 'zst'), 'whole zst file'],
    [imageOf(dir.path, packed.subarray(0, 7), 'zst'), 'whole zst file'],
    [imageOf(dir.path, Buffer.concat([packed, Buffer.from('garbage behind it')]), 'zst'), 'whole zst file'],
    [imageOf(dir.path, packed, 'raw'), 'packed as raw'],
    [imageOf(dir.path, Buffer.from('<!DOCTYPE html><html>not found</html>'), 'raw'), 'to be an image'],
    [{ ...good, sha256: '0'.repeat(64) }, 'SHA-256'],
    [{ ...good, sizeBytes: 5 }, '5 bytes'],
    [imageOf(dir.path, Buffer.alloc(0), 'raw'), 'empty'],
    [{ ...good, path: '/nonexistent.img' }, 'readable'],
    [{ ...good, bmapPath }, 'as /'],
    [imageOf(dir.path, zst(Buffer.alloc(17 * MIB)), 'zst'), 'to fit'],
    [imageOf(dir.path, Buffer.alloc(17 * MIB), 'raw'), 'to fit'],
  ]
  for (const [image, text] of cases) {
    await assert.rejects(flash(image, target), faultWith('configuration/image', text))
    assert.ok(readFileSync(target.path).equals(old))
  }
})

test('content that breaks its promise leaves a medium without a start', async () => {
  using dir = tempDir()
  const flipped = Buffer.from(zst(CONTENT))
  flipped[MIB / 2]! ^= 1
  const otherMap = join(dir.path, 'other.bmap')
  const other = Buffer.from(CONTENT)
  other[MIB + 5]! ^= 1
  writeFileSync(otherMap, bmapOf(other))
  const cases: [Image, string][] = [
    [imageOf(dir.path, flipped, 'zst'), 'readable to its end'],
    [imageOf(dir.path, zstdCompressSync(CONTENT), 'zst', { rawSha256: '0'.repeat(64) }), 'its sidecar promises'],
    [imageOf(dir.path, CONTENT, 'raw', { bmapPath: otherMap }), 'bytes 0 to 2101248'],
    [imageOf(dir.path, pack(CONTENT, 'gz').subarray(0, -MIB), 'gz'), 'readable to its end'],
    [imageOf(dir.path, pack(Buffer.alloc(17 * MIB, 1), 'gz'), 'gz'), 'the size of the medium'],
  ]
  for (const [image, text] of cases) {
    const target = usedFile(dir.path)
    const said = faultWith('configuration/image', text)
    await assert.rejects(
      flash(image, target),
      error => said(error) && faultWith('configuration/image', 'does not boot now')(error),
    )
    assert.ok(
      readFileSync(target.path)
        .subarray(0, MIB)
        .every(byte => byte === 0),
      text,
    )
  }
})

test('a promise that was kept is not hashed again on that board; another promise, or another file, is', async () => {
  using dir = tempDir()
  const target = emptyFile(dir.path)
  const image = imageOf(dir.path, zstdCompressSync(CONTENT), 'zst', { rawSha256: sha256(CONTENT) })
  const how = { stateDir: dir.path }
  await flash(image, target, how)
  assert.equal((await flash(image, target, how)).rawSha256, sha256(CONTENT))
  const wrong = { ...image, rawSha256: '0'.repeat(64) }
  await assert.rejects(flash(wrong, target, how), faultWith('configuration/image', 'its sidecar promises'))
  const other = imageOf(dir.path, zstdCompressSync(CONTENT.subarray(MIB)), 'zst', { rawSha256: sha256(CONTENT) })
  await assert.rejects(flash(other, target, how), faultWith('configuration/image', 'its sidecar promises'))
})

test('an inspected image is not read again, but one that changed since is', async () => {
  using dir = tempDir()
  const { path } = imageOf(dir.path, zst(CONTENT), 'zst')
  const { image } = await inspectImage(path, 'debug', { signal: soon() })
  const target = usedFile(dir.path)
  await flash(image, target)
  const fd = openSync(path, 'r+')
  writeSync(fd, Buffer.from('changed'), 0, 7, MIB)
  closeSync(fd)
  await assert.rejects(flash(image, target), faultWith('configuration/image', 'SHA-256'))
})

test('verify finds one flipped bit, in data and in what must be zero, and writes nothing', async () => {
  using dir = tempDir()
  const target = emptyFile(dir.path)
  const image = imageOf(dir.path, zst(CONTENT), 'zst')
  await flash(image, target)
  const proof = await flash(image, target, { mode: 'verify' })
  assert.deepEqual([proof.mode, proof.writtenBytes], ['verify', 0])
  for (const at of [17, 2 * MIB + 5, 5 * MIB + 3, CONTENT.length - 1]) {
    flip(target.path, at)
    const before = readFileSync(target.path)
    await assert.rejects(
      flash(image, target, { mode: 'verify' }),
      faultWith('infrastructure/flash-verify', `at byte ${at}`),
    )
    assert.ok(readFileSync(target.path).equals(before))
    flip(target.path, at)
  }
  truncateSync(target.path, 12 * MIB)
  await flash(image, target, { mode: 'verify' })
  truncateSync(target.path, 4096)
  await assert.rejects(flash(image, target, { mode: 'verify' }), faultWith('configuration/image', 'to fit'))
})

test('delta writes what differs, and zeros what must be zero', { skip: noLoop }, async () => {
  using dir = tempDir()
  await using disk = await loopDisk(usedFile(dir.path).path)
  const image = imageOf(dir.path, zst(CONTENT), 'zst')
  await flash(image, disk.medium, { mode: 'full' })
  for (const at of [MIB + 5, 6 * MIB, 10 * MIB]) flip(disk.path, at)
  const proof = await flash(image, disk.medium, { mode: 'delta' })
  assert.equal(proof.mode, 'delta')
  // The head is always cleared and written; one unit for each flipped bit, a slot for the one among zeros.
  assert.ok(proof.writtenBytes <= 4 * MIB, String(proof.writtenBytes))
  assert.ok(proof.readBackBytes >= CONTENT.length)
  assert.ok(readFileSync(disk.path).subarray(0, CONTENT.length).equals(CONTENT))
  const again = await flash(image, disk.medium, { mode: 'delta' })
  assert.ok(again.writtenBytes <= 2 * MIB, String(again.writtenBytes))
})

test('a dry run says where it would write, checks all that a flash checks, and leaves the medium alone', async () => {
  using dir = tempDir()
  const target = usedFile(dir.path)
  const old = readFileSync(target.path)
  const proof = await flash(imageOf(dir.path, zst(CONTENT), 'zst'), target, { dryRun: true })
  assert.deepEqual([proof.dryRun, proof.imageBytes, proof.target], [true, CONTENT.length, target.path])
  assert.ok(readFileSync(target.path).equals(old))
  const cut = imageOf(dir.path, zst(CONTENT).subarray(0, -9), 'zst')
  await assert.rejects(flash(cut, target, { dryRun: true }), faultWith('configuration/image'))
})

test('a full disk', { skip: noLoop }, async () => {
  using dir = tempDir()
  const small = join(dir.path, 'small')
  mkdirSync(small)
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'none', small])
  try {
    const target = emptyFile(small)
    const image = imageOf(dir.path, zst(CONTENT), 'zst')
    await assert.rejects(flash(image, target), faultWith('infrastructure/flash-write', 'ENOSPC'))
    assert.ok(
      readFileSync(target.path)
        .subarray(0, MIB)
        .every(byte => byte === 0),
    )
  } finally {
    execFileSync('umount', [small])
  }
})

test('an interrupt in the middle ends soon and leaves a medium without a start', async () => {
  using dir = tempDir()
  const target = usedFile(dir.path)
  const image = imageOf(dir.path, zst(CONTENT), 'zst')
  const abort = new AbortController()
  const progress = (): void => abort.abort(new Error('enough'))
  await assert.rejects(flash(image, target, { signal: abort.signal, progress }), /enough/)
  // Or with all of it, where the writing process was done before it heard: never with a start and not the rest.
  const written = readFileSync(target.path)
  const hasStart = written.subarray(0, MIB).some(byte => byte !== 0)
  assert.ok(!hasStart || written.subarray(0, CONTENT.length).equals(CONTENT))
  await assert.rejects(flash(image, target, { signal: abort.signal }), /enough/)
})

function environment(name: string, value: string): Disposable {
  process.env[name] = value
  return { [Symbol.dispose]: () => delete process.env[name] }
}

function flip(path: string, at: number): void {
  const fd = openSync(path, 'r+')
  const byte = readFileSync(path)[at]!
  writeSync(fd, Buffer.of(byte ^ 1), 0, 1, at)
  closeSync(fd)
}
