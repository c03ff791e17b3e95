import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { constants, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { Fault } from '../base/fault.ts'
import { stampMedium } from './stamp.ts'

const MIB = 1 << 20
const folder = mkdtempSync(join(tmpdir(), 'hil-stamp-'))
after(() => rmSync(folder, { recursive: true }))
const noLoop = process.getuid?.() === 0 && existsSync('/dev/loop-control') ? false : 'loop devices need root'

function disk(name: string, sizeBytes = 8 * MIB): string {
  const path = join(folder, name)
  writeFileSync(path, Buffer.alloc(sizeBytes, 0xee))
  return path
}

test('the stamp lies behind the image and changes nothing else', async () => {
  const path = disk('a.img')
  const medium = await stampMedium({ path, kind: 'file' }, { imageBytes: 6 * MIB })
  assert.equal(medium.stamped, true)
  assert.equal(medium.sizeBytes, 8 * MIB)
  const bytes = readFileSync(path)
  const at = 8 * MIB - 40 * 512
  assert.equal(bytes.subarray(at, at + 27).toString(), `hil-flash ${medium.id}\n`)
  assert.ok(bytes.subarray(0, at).every(byte => byte === 0xee))
  assert.ok(bytes.subarray(at + 512).every(byte => byte === 0xee))
})

test('every flash has an id of its own, and a serial number is kept', async () => {
  const path = disk('b.img')
  const ids = [
    await stampMedium({ path, kind: 'file', serial: 'S1' }, { imageBytes: 0 }),
    await stampMedium({ path, kind: 'file' }, { imageBytes: 0 }),
  ]
  assert.notEqual(ids[0]!.id, ids[1]!.id)
  assert.equal(ids[0]!.serial, 'S1')
})

test('an image that fills its medium is left as it was proven', async () => {
  const path = disk('c.img')
  for (const imageBytes of [8 * MIB, 8 * MIB - 40 * 512 + 1]) {
    assert.equal((await stampMedium({ path, kind: 'file' }, { imageBytes })).stamped, false)
    assert.ok(readFileSync(path).every(byte => byte === 0xee))
  }
})

test('a partition that grows over the whole medium leaves the stamp alone', { skip: noLoop }, async t => {
  const path = disk('d.img', 64 * MIB)
  const layout = (size: string): string => `label: gpt\nstart=1MiB,type=L${size}\n`
  execFileSync('sfdisk', ['-q', path], { input: layout(',size=16MiB') })
  const { id } = await stampMedium({ path, kind: 'file' }, { imageBytes: 32 * MIB })
  // To the last sector a GPT allows, and a file system over all of it that is then filled.
  execFileSync('sfdisk', ['-q', path], { input: layout(',size=+') })
  const table = JSON.parse(execFileSync('sfdisk', ['-J', path], { encoding: 'utf8' })) as {
    partitiontable: { partitions: { start: number; size: number }[]; lastlba: number }
  }
  const { start, size } = table.partitiontable.partitions[0]!
  assert.ok(start + size > 64 * 2048 - 4096, 'the partition did grow')
  const longest = table.partitiontable.lastlba + 1 - start
  const loop = execFileSync(
    'losetup',
    ['-f', '--show', '-o', String(start * 512), '--sizelimit', String(longest * 512), path],
    { encoding: 'utf8' },
  ).trim()
  t.after(() => execFileSync('losetup', ['-d', loop]))
  execFileSync('mke2fs', ['-q', '-F', '-t', 'ext4', '-E', 'nodiscard', loop])
  const there = join(folder, 'mounted')
  execFileSync('mkdir', [there])
  execFileSync('mount', [loop, there])
  try {
    execFileSync('sh', ['-c', `dd if=/dev/zero of=${there}/full bs=64k 2>/dev/null; sync`])
  } finally {
    execFileSync('umount', [there])
  }
  assert.ok(readFileSync(path).includes(`hil-flash ${id}\n`))
})

test('a block device has the size the kernel says', { skip: noLoop }, async t => {
  const path = disk('e.img')
  const loop = execFileSync('losetup', ['-f', '--show', path], { encoding: 'utf8' }).trim()
  t.after(() => execFileSync('losetup', ['-d', loop]))
  const { id, sizeBytes } = await stampMedium({ path: loop, kind: 'device' }, { imageBytes: MIB })
  assert.equal(sizeBytes, 8 * MIB)
  assert.ok(readFileSync(path).includes(id))
})

test('a medium that cannot be written is said', { skip: noLoop }, async t => {
  const path = disk('f.img')
  const loop = execFileSync('losetup', ['-r', '-f', '--show', path], { encoding: 'utf8' }).trim()
  t.after(() => execFileSync('losetup', ['-d', loop]))
  const failed = stampMedium({ path: loop, kind: 'device' }, { imageBytes: 0 })
  await assert.rejects(failed, error => error instanceof Fault && error.code === 'infrastructure/flash-write')
})

test('only the disk that was flashed is marked, and none that is in use', { skip: noLoop }, async t => {
  const path = disk('g.img')
  const loop = execFileSync('losetup', ['-f', '--show', path], { encoding: 'utf8' }).trim()
  t.after(() => execFileSync('losetup', ['-d', loop]))
  const name = loop.replace('/dev/', '')
  const [number, count] = ['dev', 'diskseq'].map(file => readFileSync(`/sys/block/${name}/${file}`, 'utf8').trim())
  const medium = { path: loop, kind: 'device' } as const
  const other = stampMedium(medium, { imageBytes: 0, disk: `${number} #${Number(count) - 1}` })
  await assert.rejects(other, error => error instanceof Fault && error.code === 'infrastructure/media')
  const held = await open(loop, constants.O_RDONLY | constants.O_EXCL)
  const busy = stampMedium(medium, { imageBytes: 0 })
  await assert.rejects(busy, (error: Error) => error.message.includes('it is in use'))
  await held.close()
  assert.ok(readFileSync(path).every(byte => byte === 0xee))
  assert.ok((await stampMedium(medium, { imageBytes: 0, disk: `${number} #${count}` })).stamped)
})
