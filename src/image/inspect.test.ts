import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { faultWith, soon, tempDir } from '../drivers/test-kit.ts'
import { findProgram } from '../base/program.ts'
import { inspectImage, type Inspection } from './inspect.ts'
import { diskImage, MIB, sha256 } from './test-kit.ts'

const DISK = diskImage(2 * MIB, randomBytes(300_000))

function inspect(path: string): Promise<Inspection> {
  return inspectImage(path, 'debug', { signal: soon() })
}

function pack(program: string, bytes: Buffer): Buffer {
  return execFileSync(program, ['-c'], { input: bytes, maxBuffer: 64 * MIB })
}

/** What `pzstd` writes: frames, each behind one to be skipped that holds its size. */
function pzstd(bytes: Buffer): Buffer {
  const halves = [bytes.subarray(0, MIB), bytes.subarray(MIB)].map(half => zstdCompressSync(half))
  return Buffer.concat(
    halves.flatMap(frame => {
      const skippable = Buffer.from('502a4d180400000000000000', 'hex')
      skippable.writeUInt32LE(frame.length, 8)
      return [skippable, frame]
    }),
  )
}

const PACKED: [string, Buffer, number | undefined][] = [
  ['raw', DISK, DISK.length],
  ['zst', zstdCompressSync(DISK), DISK.length],
  ['zst', pzstd(DISK), undefined],
  ['gz', gzipSync(DISK), undefined],
  ...(findProgram('xz') ? [['xz', pack('xz', DISK), DISK.length] satisfies [string, Buffer, number]] : []),
  ...(findProgram('bzip2') ? [['bz2', pack('bzip2', DISK), undefined] satisfies [string, Buffer, undefined]] : []),
]

test('every format is known by its content, with what it decodes to', async () => {
  using dir = tempDir()
  for (const [index, [format, bytes]] of PACKED.entries()) {
    const path = join(dir.path, `image-${index}`)
    writeFileSync(path, bytes)
    const { image, layout } = await inspect(path)
    assert.equal(image.format, format)
    assert.equal(image.sha256, sha256(bytes))
    assert.equal(layout?.scheme, 'gpt', format)
    assert.deepEqual(
      layout.partitions.map(({ label, kind, startBytes }) => [label, kind, startBytes]),
      [['root', 'Linux', MIB]],
    )
    const size = PACKED[index]![2]
    if (size !== undefined) assert.equal(image.rawSizeBytes, size, format)
    assert.equal(image.notes, undefined)
  }
})

test('a cut file is found without reading what it holds, wherever it was cut', async () => {
  using dir = tempDir()
  const path = join(dir.path, 'cut')
  for (const [format, bytes] of PACKED.filter(([format]) => format !== 'gz')) {
    for (const missing of [1, 2, 7, 100, 4096, bytes.length - 100_000, bytes.length - 30]) {
      writeFileSync(path, bytes.subarray(0, bytes.length - missing))
      // A raw disk has free space at its end, and its backup table: a little less of it is only worth a word.
      if (format === 'raw' && missing < 34 * 512) {
        assert.match((await inspect(path)).image.notes?.join() ?? '', /backup table is missing/)
        continue
      }
      await assert.rejects(inspect(path), faultWith('configuration/image'), `${format} without its last ${missing}`)
    }
  }
})

test('a name that says otherwise is told, and not believed', async () => {
  using dir = tempDir()
  const path = join(dir.path, 'disk.img')
  writeFileSync(path, zstdCompressSync(DISK))
  const { image } = await inspect(path)
  assert.equal(image.format, 'zst')
  assert.deepEqual(image.notes, ['disk.img is zst by its content, not raw as its name says; it is taken for zst'])
  writeFileSync(join(dir.path, 'raw.img.zst'), DISK)
  assert.match((await inspect(join(dir.path, 'raw.img.zst'))).image.notes?.[0] ?? '', /is raw .* not zst/)
})

test('what can never be an image is refused with what it is', async () => {
  using dir = tempDir()
  const tar = Buffer.alloc(10240)
  tar.write('file', 0)
  tar.write('ustar', 257)
  const cases: [Buffer | string, string][] = [
    ['<!DOCTYPE html><html><title>404</title>', 'an HTML page'],
    ['<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>', 'an XML document'],
    ['version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n', 'a Git LFS pointer'],
    ['/nix/store/0123456789abcdfghijklmnpqrsvwxyz-ghaf-image\n', 'names a Nix store path'],
    ['Derive([("out","/nix/store/x","","")],[],[],"x","y",[],[])', 'a Nix derivation'],
    [`${sha256('')}  image.img\n`, 'a list of checksums'],
    ['just some words\n', 'a text file ("just some words")'],
    ['ä'.repeat(600), 'a text file'],
    [tar, 'a tar archive'],
    [zstdCompressSync(tar), 'a zst file that holds a tar archive'],
    [zstdCompressSync(zstdCompressSync(DISK)), 'a zst file that holds a zst file'],
    [gzipSync(Buffer.from('<html>')), 'a gz file that holds an HTML page'],
    [Buffer.from('514649fb00000003', 'hex'), 'a qcow2 disk'],
    [Buffer.from('504b0304140000', 'hex'), 'a zip archive'],
    [Buffer.alloc(0), 'an empty file'],
  ]
  for (const [index, [content, says]] of cases.entries()) {
    const path = join(dir.path, `x-${index}.img`)
    writeFileSync(path, content)
    await assert.rejects(inspect(path), faultWith('configuration/image', says))
  }
  await assert.rejects(inspect(join(dir.path, 'none')), faultWith('configuration/image', 'ENOENT'))
  mkdirSync(join(dir.path, 'folder'))
  await assert.rejects(inspect(join(dir.path, 'folder')), faultWith('configuration/image', 'a folder'))
})

test('a disk that starts with zeros, or with anything that is not text, is an image', async () => {
  using dir = tempDir()
  for (const bytes of [Buffer.alloc(4096), randomBytes(4096)]) {
    writeFileSync(join(dir.path, 'x'), bytes)
    const { image, layout } = await inspect(join(dir.path, 'x'))
    assert.equal(image.format, 'raw')
    assert.equal(layout?.scheme, 'none')
  }
})

test('what stands beside an image is kept, and a digest that differs is refused, whoever names it', async () => {
  using dir = tempDir()
  const path = join(dir.path, 'disk1.raw.zst')
  const bytes = zstdCompressSync(DISK)
  const good = sha256(bytes)
  const bad = '0'.repeat(64)
  const beside = (name: string, text: string): void => writeFileSync(join(dir.path, name), text)
  writeFileSync(path, bytes)
  beside('disk1.raw.zst.json', JSON.stringify({ sha256: good, name: 'ghaf', commit: 'abc', other: 1 }))
  beside('SHA256SUMS', `${bad}  other.img\n${good} *disk1.raw.zst\n`)
  beside('disk1.raw.zst.sha256', `${good}\n`)
  beside('disk1.bmap', '<bmap/>')
  const { image } = await inspect(path)
  assert.deepEqual([image.name, image.commit, image.bmapPath], ['ghaf', 'abc', join(dir.path, 'disk1.bmap')])
  assert.deepEqual(image.origin, {
    signature: 'none',
    line: null,
    why: 'not signed; nothing says where it comes from',
  })
  for (const [name, text, was] of [
    ['SHA256SUMS', `SHA256 (disk1.raw.zst) = ${bad}\n`, `${good}  disk1.raw.zst\n`],
    ['disk1.raw.zst.sha256', `${bad}  /build/disk1.raw.zst`, good],
    ['disk1.raw.zst.json', JSON.stringify({ sha256: bad }), '{}'],
  ] as const) {
    beside(name, text)
    await assert.rejects(inspect(path), faultWith('configuration/image', `digest ${bad} that ${join(dir.path, name)}`))
    beside(name, was)
  }
  beside('disk1.raw.zst.json', '{ "sha256": ')
  await assert.rejects(inspect(path), faultWith('configuration/image', 'valid JSON'))
})
