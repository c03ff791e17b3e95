import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, realpathSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { Medium } from '../../../controls/media.ts'
import { faultWith, soon, tempDir } from '../../test-kit.ts'
import { deviceNumber, describeDevice, type KernelFiles } from './block-device.ts'
import { openTarget } from './opened.ts'
import { checkSame, lookAt } from './target.ts'
import { loopDisk, noLoop } from './test-kit-disk.ts'
import { CONTENT, flash, imageOf, MIB, sha256, usedFile, zst } from './test-kit-image.ts'

const SBIN = { env: { ...process.env, PATH: `${process.env['PATH']}:/sbin:/usr/sbin` } }
const media = (more: Partial<Medium>, path: string): Medium => ({ path, kind: 'device', ...more })
const refused = (text: string) => faultWith('infrastructure/media', text)

test('what is no medium: nothing, a folder, a file where a disk should be, a disk where a file should be', async () => {
  using dir = tempDir()
  const file = usedFile(dir.path)
  await assert.rejects(lookAt(media({}, join(dir.path, 'none'))), refused('no such file'))
  await assert.rejects(lookAt(media({}, dir.path)), refused('a folder'))
  await assert.rejects(lookAt(media({}, file.path)), refused('something wrote an image there'))
  await assert.rejects(
    lookAt(media({ kind: 'file' }, dir.path)),
    refused('a regular file, the disk of a virtual board'),
  )
  await assert.rejects(lookAt(media({}, '/dev/null')), refused('neither a block device'))
  assert.equal((await lookAt(file)).sizeBytes, 16 * MIB)
})

test('a name that goes to another disk between the look and the write is noticed', { skip: noLoop }, async () => {
  using dir = tempDir()
  await using disk = await loopDisk(usedFile(dir.path).path)
  const otherFile = join(dir.path, 'other.img')
  writeFileSync(otherFile, Buffer.alloc(16 * MIB, 0xdd))
  await using other = await loopDisk(otherFile)
  // A node of our own: a loop device that is let go for a moment may be somebody else's in the next.
  const path = join(dir.path, 'node')
  const lead = ({ path: to }: { path: string }): void => {
    rmSync(path, { force: true })
    execFileSync('mknod', [path, 'b', ...deviceNumber(statSync(to).rdev).split(':')])
  }
  lead(disk)
  const target = await lookAt(media({}, path))
  lead(other)
  const begins = (): void => assert.fail('nothing may begin')
  const opening = openTarget(target, 'full', 16 * MIB, { signal: soon(), begins })
  await assert.rejects(opening, refused('the disk that was looked at'))
  assert.ok(readFileSync(otherFile).every(byte => byte === 0xdd))
  const sequence = `${target.device!.sequence}0`
  const reconnected = { ...target, rdev: statSync(other.path).rdev, device: { ...target.device!, sequence } }
  await assert.rejects(
    openTarget(reconnected, 'full', 16 * MIB, { signal: soon(), begins }),
    refused('the disk that was looked at'),
  )
})

test('a disk is zeroed while we hold it and nobody else can', { skip: noLoop }, async () => {
  using dir = tempDir()
  const file = usedFile(dir.path).path
  await using disk = await loopDisk(file)
  const begins = (): void => void execFileSync('sh', ['-c', `! blkdiscard ${disk.path} 2>&1`], SBIN)
  await using opened = await openTarget(await lookAt(disk.medium), 'full', 8 * MIB, { signal: soon(), begins })
  assert.equal(opened.medium.zeros, 'sample')
  const bytes = readFileSync(file)
  assert.ok(bytes.subarray(0, 8 * MIB).every(byte => byte === 0))
  assert.ok(bytes.subarray(8 * MIB).every(byte => byte === 0xee))
})

test(
  'a disk in use is refused by name: mounted, swap, held open, removed and connected again',
  { skip: noLoop },
  async () => {
    using dir = tempDir()
    const image = imageOf(dir.path, zst(CONTENT), 'zst')
    const file = usedFile(dir.path).path
    await using disk = await loopDisk(file)
    const at = join(dir.path, 'a mount point')
    mkdirSync(at)
    execFileSync('mke2fs', ['-q', '-F', disk.path], SBIN)
    const content = sha256(readFileSync(file))
    execFileSync('mount', ['-o', 'ro', disk.path, at])
    try {
      await assert.rejects(flash(image, disk.medium), refused(`is mounted on ${at}`))
    } finally {
      execFileSync('umount', [at])
    }
    assert.equal(sha256(readFileSync(file)), content, 'nothing was written')
    execFileSync('mkswap', [disk.path], { ...SBIN, stdio: 'ignore' })
    execFileSync('swapon', [disk.path], SBIN)
    try {
      await assert.rejects(flash(image, disk.medium), refused('is swap of this host'))
    } finally {
      execFileSync('swapoff', [disk.path], SBIN)
    }
    const target = await lookAt(disk.medium)
    await checkSame(target)
    await using other = await loopDisk(join(dir.path, 'disk.img'))
    const named = join(dir.path, 'by-id')
    symlinkSync(other.path, named)
    await assert.rejects(checkSame({ ...target, named }), refused('another disk'))
    await flash(image, { ...disk.medium, path: disk.path })
  },
)

test(
  'a partition, an empty disk, a write-protected one, one of another size or serial number',
  { skip: noLoop },
  async () => {
    using dir = tempDir()
    const file = usedFile(dir.path).path
    await using disk = await loopDisk(file)
    await lookAt({ ...disk.medium, sizeBytes: 16.5 * MIB })
    await assert.rejects(
      lookAt({ ...disk.medium, sizeBytes: 32 * MIB }),
      refused('a disk of 32.0 MiB; saw one of 16.0 MiB'),
    )
    await assert.rejects(lookAt({ ...disk.medium, serial: 'S6XNNS0T1' }), refused('a disk that reports none'))
    execFileSync('blockdev', ['--setro', disk.path], SBIN)
    await assert.rejects(lookAt(disk.medium), refused('write-protected'))
    execFileSync('blockdev', ['--setrw', disk.path], SBIN)
    const kernel = kernelOf(dir.path, deviceNumber(statSync(disk.path).rdev))
    writeFileSync(join(kernel.disk, 'size'), '0\n')
    await assert.rejects(lookAt(disk.medium, kernel.files), refused('no card in it'))
    writeFileSync(join(kernel.disk, 'partition'), '1\n')
    await assert.rejects(lookAt(disk.medium, kernel.files), refused('a partition'))
  },
)

test('what the kernel tells of a USB disk: serial numbers, partitions in use, what is stacked on them', () => {
  using dir = tempDir()
  const { files, disk } = kernelOf(dir.path, '8:16')
  const rdev = 0x810
  const told = () => describeDevice(rdev, files)!
  assert.deepEqual(told().users, [])
  assert.deepEqual(told().serials, ['0123USB'])
  mkdirSync(files.udev, { recursive: true })
  writeFileSync(join(files.udev, 'b8:16'), 'S:disk/by-id/x\nE:ID_SERIAL=Samsung_S6X\nE:ID_SERIAL_SHORT=S6X\n')
  writeFileSync(join(disk, 'device/vpd_pg80'), Buffer.from('\0\u0080\0\u0008 UNIT-7 ', 'latin1'))
  assert.deepEqual([...told().serials].sort(), ['0123USB', 'S6X', 'Samsung_S6X', 'UNIT-7'])
  writeFileSync(
    join(files.proc, 'self/mountinfo'),
    '22 1 8:17 / /media/old\\040stick rw - vfat /dev/sdb1 rw\n23 1 0:45 / /data rw shared:1 - btrfs /dev/sdb2 rw\n24 1 8:1 / / rw - ext4 /dev/sda1 rw\n',
  )
  writeFileSync(join(files.proc, 'swaps'), 'Filename Type Size\n/dev/sda2 partition 5\n/dev/sdb1 partition 5\n')
  mkdirSync(join(disk, 'sdb2/holders/dm-0'), { recursive: true })
  assert.deepEqual(told().users, [
    'sdb1 is mounted on /media/old stick',
    'sdb2 is mounted on /data',
    'sdb1 is swap of this host',
    'sdb2 is part of dm-0 of this host',
  ])
  assert.equal(describeDevice(0x820, files), undefined)
})

test('a process killed in the middle leaves a disk without a start', { skip: noLoop }, async () => {
  using dir = tempDir()
  const file = usedFile(dir.path, 64 * MIB).path
  await using disk = await loopDisk(file)
  const image = imageOf(dir.path, zst(Buffer.concat([CONTENT, CONTENT, CONTENT, CONTENT])), 'zst')
  const program = `
    import { flash } from ${JSON.stringify(fileURLToPath(new URL('test-kit-image.ts', import.meta.url)))}
    await flash(${JSON.stringify(image)}, ${JSON.stringify(disk.medium)}, { progress: () => process.kill(process.pid, 'SIGKILL') })`
  const path = join(dir.path, 'flash.mjs')
  writeFileSync(path, program)
  const child = spawn(process.execPath, [path], { stdio: 'inherit' })
  const [, signal] = (await once(child, 'exit')) as [number, string]
  assert.equal(signal, 'SIGKILL')
  const left = readFileSync(file)
  assert.ok(
    left.subarray(0, MIB).every(byte => byte === 0),
    'its start is cleared',
  )
  assert.ok(
    left.subarray(-MIB).every(byte => byte === 0),
    'so is its end, where a spare partition table may lie',
  )
  await flash(image, disk.medium)
  assert.ok(readFileSync(file).subarray(0, CONTENT.length).equals(CONTENT))
})

/** A kernel that knows one USB disk, sdb, with two partitions. */
function kernelOf(folder: string, number: string): { files: KernelFiles; disk: string } {
  const root = realpathSync(folder)
  const files = { sys: join(root, 'sys'), proc: join(root, 'proc'), udev: join(root, 'udev') }
  const usb = join(files.sys, 'devices/usb1/1-2')
  const scsi = join(usb, '1-2:1.0/host0/target0/0:0:0:0')
  const disk = join(scsi, 'block/sdb')
  for (const path of [
    join(disk, 'sdb1'),
    join(disk, 'sdb2'),
    join(disk, 'queue'),
    join(files.sys, 'dev/block'),
    join(files.proc, 'self'),
  ])
    mkdirSync(path, { recursive: true })
  writeFileSync(join(dirname(usb), 'serial'), 'the serial number of a hub\n')
  writeFileSync(join(usb, 'serial'), '0123USB\n')
  writeFileSync(join(disk, 'size'), '131072\n')
  writeFileSync(join(disk, 'dev'), `${number}\n`)
  for (const [name, dev] of [
    ['sdb1', '8:17'],
    ['sdb2', '8:18'],
  ] as const) {
    writeFileSync(join(disk, name, 'partition'), '1\n')
    writeFileSync(join(disk, name, 'dev'), `${dev}\n`)
  }
  symlinkSync(scsi, join(disk, 'device'))
  symlinkSync(disk, join(files.sys, 'dev/block', number))
  return { files, disk }
}
