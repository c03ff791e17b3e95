import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { closeSync, mkdirSync, openSync, readFileSync, statSync, truncateSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { constants, zstdCompressSync } from 'node:zlib'
import type { Image } from '../../model/image.ts'
import { faultWith, soon, tempDir, testContext } from '../test-kit.ts'
import raw from './raw.ts'
import { lookAt } from './raw/target.ts'
import { verify } from './raw/verify.ts'

const MIB = 1 << 20
const noRoot = process.getuid?.() === 0 ? false : 'needs root'

test('a zst image on a file: exact, sparse, and nothing old shows through', async () => {
  using dir = tempDir()
  const { target, content, image } = setUp(dir.path)
  writeFileSync(target, Buffer.alloc(8 * MIB, 0xee))
  const phases: string[] = []
  const proof = await flash(image, target, report => phases.push(report.phase))
  const onMedium = readFileSync(target)
  assert.ok(onMedium.subarray(0, content.length).equals(content))
  assert.ok(onMedium.subarray(content.length).every(byte => byte === 0))
  assert.equal(onMedium.length, 8 * MIB)
  assert.ok(statSync(target).blocks * 512 < 3 * MIB, 'zeros are holes')
  assert.equal(proof.writtenBytes, content.length)
  assert.equal(proof.readBackSha256, sha256(content))
  assert.equal(proof.writtenSha256, sha256(content))
  assert.ok(phases.includes('write') && phases.at(-1) === 'verify')
})

test('raw images, many frames, and a name that lies about what is inside', async () => {
  using dir = tempDir()
  const { target, content } = setUp(dir.path)
  const frames = Buffer.concat([zstdCompressSync(content.subarray(0, MIB)), zstdCompressSync(content.subarray(MIB))])
  for (const bytes of [content, zstdCompressSync(content), frames]) {
    const image = imageOf(join(dir.path, 'nixos.img'), bytes)
    assert.equal((await flash(image, target)).readBackSha256, sha256(content))
  }
})

test('a bad image is found before the medium is touched', async () => {
  using dir = tempDir()
  const { target, zst } = setUp(dir.path)
  const old = readFileSync(target)
  const path = join(dir.path, 'bad.img.zst')
  const cases: [Image, string][] = [
    [imageOf(path, zst.subarray(0, zst.length - 1000)), 'whole zst file'],
    [imageOf(`${path}2`, zst.subarray(0, 7)), 'whole zst file'],
    [imageOf(`${path}3`, Buffer.concat([zst, Buffer.from('garbage behind it')])), 'whole zst file'],
    [{ ...imageOf(`${path}4`, zst), sha256: '0'.repeat(64) }, 'SHA-256'],
    [{ ...imageOf(`${path}5`, zst), sizeBytes: 5 }, '5 bytes'],
    [imageOf(`${path}6`, Buffer.alloc(0)), 'empty'],
    [{ ...imageOf(`${path}7`, zst), path: '/nonexistent.img' }, 'readable'],
    [imageOf(`${path}8`, zstdCompressSync(Buffer.alloc(9 * MIB))), 'to fit'],
    [imageOf(`${path}9`, Buffer.alloc(9 * MIB)), 'to fit'],
  ]
  for (const [image, text] of cases) {
    await assert.rejects(flash(image, target), faultWith('configuration/image', text))
    assert.ok(readFileSync(target).equals(old))
  }
})

test('a flipped bit inside a block is found while writing, and said to leave a medium that does not boot', async () => {
  using dir = tempDir()
  const { target, zst } = setUp(dir.path)
  const broken = Buffer.from(zst)
  broken[MIB / 2]! ^= 1
  const said = faultWith('configuration/image', 'does not boot now')
  await assert.rejects(flash(imageOf(join(dir.path, 'b.zst'), broken), target), said)
  const { content } = setUp(dir.path)
  const other = { ...imageOf(join(dir.path, 'c.zst'), zstdCompressSync(content)), rawSha256: '0'.repeat(64) }
  await assert.rejects(flash(other, target), said)
})

test('a bit that flips on the medium behind the writer is found by the read back', async () => {
  using dir = tempDir()
  const { target, image, content } = setUp(dir.path)
  const proof = await flash(image, target)
  const written = { bytes: proof.writtenBytes, sha256: proof.writtenSha256 }
  const medium = await lookAt(target)
  assert.equal(await verify(medium, written, soon(), () => {}), sha256(content))
  const fd = openSync(target, 'r+')
  writeSync(fd, Buffer.of(content[MIB]! ^ 1), 0, 1, MIB)
  closeSync(fd)
  await assert.rejects(
    verify(medium, written, soon(), () => {}),
    faultWith('infrastructure/flash-verify', proof.writtenSha256),
  )
  truncateSync(target, MIB)
  await assert.rejects(
    verify(medium, written, soon(), () => {}),
    faultWith('infrastructure/flash-verify', 'it ends after'),
  )
})

test('a full disk', { skip: noRoot }, async () => {
  using dir = tempDir()
  const { image } = setUp(dir.path)
  const small = join(dir.path, 'small')
  mkdirSync(small)
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'none', small])
  try {
    const target = join(small, 'disk.img')
    writeFileSync(target, '')
    truncateSync(target, 8 * MIB)
    await assert.rejects(flash(image, target), faultWith('infrastructure/flash-write', 'ENOSPC'))
  } finally {
    execFileSync('umount', [small])
  }
})

test('a block device gets every byte; a mounted one is refused', { skip: noRoot }, async t => {
  using dir = tempDir()
  const backing = join(dir.path, 'card.img')
  writeFileSync(backing, Buffer.alloc(8 * MIB, 0xee))
  const loop = execFileSync('losetup', ['-f', '--show', backing], { encoding: 'utf8' }).trim()
  t.after(() => execFileSync('losetup', ['-d', loop]))
  const { image, content } = setUp(dir.path)
  const proof = await flash(image, loop)
  assert.equal(proof.readBackSha256, sha256(content))
  assert.ok(readFileSync(loop).subarray(0, content.length).equals(content))
  const tooBig = imageOf(join(dir.path, 'big.img'), Buffer.alloc(9 * MIB, 1))
  await assert.rejects(flash(tooBig, loop), faultWith('configuration/image', 'to fit'))
  execFileSync('mke2fs', ['-q', '-F', loop], {
    env: { ...process.env, PATH: `${process.env['PATH']}:/sbin:/usr/sbin` },
  })
  const at = join(dir.path, 'mnt')
  mkdirSync(at)
  execFileSync('mount', [loop, at])
  try {
    await assert.rejects(flash(image, loop), faultWith('infrastructure/flash-write', 'in use'))
  } finally {
    execFileSync('umount', [at])
  }
})

test('what is no medium, and an interrupt in the middle', async () => {
  using dir = tempDir()
  const { target, image } = setUp(dir.path)
  await assert.rejects(flash(image, dir.path), faultWith('infrastructure/media'))
  await assert.rejects(flash(image, join(dir.path, 'none')), faultWith('infrastructure/media'))
  const abort = new AbortController()
  const flasher = await raw.open({}, testContext('/tmp'))
  const job = { image, target, signal: abort.signal, progress: () => abort.abort(new Error('enough')) }
  await assert.rejects(flasher.flash(job), /enough/)
})

/** An image of 2 MiB noise with 2 MiB of zeros between, and a medium of 8 MiB. */
function setUp(folder: string) {
  const content = Buffer.concat([randomBytes(MIB), Buffer.alloc(2 * MIB), randomBytes(MIB)])
  // As the zstd program writes it; Node leaves the checksum out.
  const zst = zstdCompressSync(content, { params: { [constants.ZSTD_c_checksumFlag]: 1 } })
  const target = join(folder, 'disk.img')
  writeFileSync(target, '')
  truncateSync(target, 8 * MIB)
  return { content, zst, target, image: imageOf(join(folder, 'ghaf.img.zst'), zst) }
}

function imageOf(path: string, bytes: Buffer): Image {
  writeFileSync(path, bytes)
  return { path, variant: 'debug', format: 'zst', sha256: sha256(bytes), sizeBytes: bytes.length }
}

async function flash(image: Image, target: string, progress: (report: { phase: string }) => void = () => {}) {
  const flasher = await raw.open({}, testContext('/tmp'))
  return await flasher.flash({ image, target, signal: soon(), progress })
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
