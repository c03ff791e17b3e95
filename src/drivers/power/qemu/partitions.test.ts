import assert from 'node:assert/strict'
import { test } from 'node:test'
import { firstFatPartition, type ReadAt } from './partitions.ts'

test('finds the FAT partition of a GPT, whatever stands in front of it', () => {
  const disk = Buffer.alloc(1 << 20)
  disk.write('EFI PART', 512, 'latin1')
  disk.writeBigUInt64LE(2n, 512 + 72)
  disk.writeUInt32LE(4, 512 + 80)
  disk.writeUInt32LE(128, 512 + 84)
  gptEntry(disk, 0, 64)
  gptEntry(disk, 2, 256)
  fat(disk, 256 * 512)
  assert.equal(firstFatPartition(reader(disk)), 256 * 512)
})

test('finds the FAT partition of an MBR', () => {
  const disk = Buffer.alloc(1 << 20)
  disk.writeUInt16LE(0xaa55, 510)
  disk[446 + 4] = 0x83
  disk.writeUInt32LE(32, 446 + 8)
  disk[462 + 4] = 0x0c
  disk.writeUInt32LE(128, 462 + 8)
  fat(disk, 128 * 512)
  assert.equal(firstFatPartition(reader(disk)), 128 * 512)
})

test('an empty, a short and a shredded medium have none', () => {
  assert.equal(firstFatPartition(reader(Buffer.alloc(1 << 20))), undefined)
  assert.equal(firstFatPartition(reader(Buffer.alloc(100))), undefined)
  const disk = Buffer.alloc(1 << 16, 0xff)
  disk.write('EFI PART', 512, 'latin1')
  assert.equal(firstFatPartition(reader(disk)), undefined)
})

function reader(disk: Buffer): ReadAt {
  return (offset, length) => disk.subarray(offset, offset + length)
}

function gptEntry(disk: Buffer, index: number, startSector: number): void {
  disk.fill(0xab, 1024 + index * 128, 1024 + index * 128 + 16)
  disk.writeBigUInt64LE(BigInt(startSector), 1024 + index * 128 + 32)
}

function fat(disk: Buffer, at: number): void {
  disk.writeUInt16LE(512, at + 11)
  disk.write('FAT32', at + 82, 'latin1')
  disk.writeUInt16LE(0xaa55, at + 510)
}
