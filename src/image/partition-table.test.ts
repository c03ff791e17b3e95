import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { partitionTable, TABLE_BYTES } from './partition-table.ts'
import { diskImage, MIB } from './test-kit.ts'

test('a GPT is read, and a damaged one is told', () => {
  const disk = diskImage(8 * MIB)
  const table = partitionTable(disk.subarray(0, TABLE_BYTES))
  assert.deepEqual([table.scheme, table.diskBytes, table.damage], ['gpt', 8 * MIB, undefined])
  assert.deepEqual(table.partitions, [
    {
      number: 1,
      type: '0fc63daf-8483-4772-8e79-3d69d8477de4',
      kind: 'Linux',
      label: 'root',
      startBytes: MIB,
      sizeBytes: table.endBytes - MIB,
    },
  ])
  for (const [at, says] of [
    [600, /GPT header/],
    [1100, /checksum of its GPT is wrong/],
  ] as const) {
    const bad = Buffer.from(disk)
    bad[at - (at === 600 ? 20 : 0)]! ^= 1
    assert.match(partitionTable(bad).damage ?? '', says)
  }
})

test('an MBR is read; the boot sector of a file system is not taken for one', () => {
  const disk = Buffer.alloc(4096)
  disk.writeUInt16LE(0xaa55, 510)
  disk.set([0x80, 0, 0, 0, 0x0c, 0, 0, 0], 446)
  disk.writeUInt32LE(8192, 446 + 8)
  disk.writeUInt32LE(2048, 446 + 12)
  const { scheme, partitions, endBytes } = partitionTable(disk)
  assert.deepEqual(
    [scheme, endBytes, partitions.map(({ kind, startBytes, sizeBytes }) => [kind, startBytes, sizeBytes])],
    ['mbr', 10240 * 512, [['FAT32', 4 * MIB, MIB]]],
  )
  const fat = Buffer.from(disk)
  fat.fill(0x4c, 400, 500)
  assert.equal(partitionTable(fat).scheme, 'none')
})

test('an ISO is known, and no bytes at all make it stumble', () => {
  const iso = Buffer.alloc(TABLE_BYTES)
  iso.write('CD001', 32769)
  assert.equal(partitionTable(iso).scheme, 'iso9660')
  for (let n = 0; n < 300; n++) {
    const bytes = randomBytes(n * 7)
    partitionTable(bytes)
    const gpt = diskImage()
    randomBytes(4).copy(gpt, 512 + 12 + (n % 80))
    partitionTable(gpt.subarray(0, TABLE_BYTES))
  }
})
