import { crc32 } from 'node:zlib'

/** One partition. */
export interface Partition {
  readonly number: number
  /** GPT: the type's GUID; MBR: its byte as `0x83`. */
  readonly type: string
  /** What the type means, where it is a common one. */
  readonly kind: string | undefined
  readonly label: string
  readonly startBytes: number
  readonly sizeBytes: number
}

/** What the start of a disk says of its layout. */
export interface PartitionTable {
  readonly scheme: 'gpt' | 'mbr' | 'iso9660' | 'none'
  readonly partitions: readonly Partition[]
  /** Where the last partition ends, and with GPT where the disk it was made for ends. */
  readonly endBytes: number
  readonly diskBytes: number | undefined
  /** What is wrong with it, in words. */
  readonly damage: string | undefined
}

/** Enough for a GPT with sectors of 4096 bytes, and for what an ISO says of itself. */
export const TABLE_BYTES = 64 << 10

/**
 * Reads GPT or MBR from the first `TABLE_BYTES` of a disk.
 *
 * Limits: the backup GPT is not read, logical partitions inside an extended one neither.
 * Sources: UEFI specification 2.10 §5, ISO 9660 §8.4 (ECMA-119).
 */
export function partitionTable(start: Buffer): PartitionTable {
  const head = Buffer.concat([start, Buffer.alloc(Math.max(0, TABLE_BYTES - start.length))])
  for (const sectorBytes of [512, 4096]) {
    if (head.toString('latin1', sectorBytes, sectorBytes + 8) === 'EFI PART') return gpt(head, sectorBytes)
  }
  if (head.toString('latin1', ISO_AT, ISO_AT + 5) === 'CD001') return { ...NOTHING, scheme: 'iso9660' }
  return mbr(head)
}

const NOTHING: PartitionTable = {
  scheme: 'none',
  partitions: [],
  endBytes: 0,
  diskBytes: undefined,
  damage: undefined,
}
const ISO_AT = 32769

function gpt(head: Buffer, sectorBytes: number): PartitionTable {
  const header = Buffer.from(head.subarray(sectorBytes, sectorBytes * 2))
  const bytes = (at: number): number => Number(header.readBigUInt64LE(at)) * sectorBytes
  const headerSize = Math.min(header.readUInt32LE(12), header.length)
  const promised = header.readUInt32LE(16)
  header.writeUInt32LE(0, 16)
  const table = { ...NOTHING, scheme: 'gpt', diskBytes: bytes(32) + sectorBytes } as const
  if (crc32(header.subarray(0, headerSize)) !== promised)
    return { ...table, damage: 'the checksum of its GPT header is wrong' }
  const count = header.readUInt32LE(80)
  const entrySize = header.readUInt32LE(84)
  const entries = head.subarray(bytes(72), bytes(72) + count * entrySize)
  if (entrySize < 128 || entries.length < count * entrySize)
    return { ...table, damage: 'its GPT does not stand where its header says' }
  if (crc32(entries) !== header.readUInt32LE(88)) return { ...table, damage: 'the checksum of its GPT is wrong' }
  const partitions = Array.from({ length: count }, (_, index) =>
    gptEntry(entries.subarray(index * entrySize, (index + 1) * entrySize), index + 1, sectorBytes),
  ).filter(partition => partition !== undefined)
  return { ...table, partitions, endBytes: endOf(partitions) }
}

function gptEntry(entry: Buffer, number: number, sectorBytes: number): Partition | undefined {
  const type = guid(entry)
  if (type === EMPTY_GUID) return undefined
  const [first, last] = [Number(entry.readBigUInt64LE(32)), Number(entry.readBigUInt64LE(40))]
  const label = entry.toString('utf16le', 56, 128).replace(/\0.*$/s, '')
  const [startBytes, sizeBytes] = [first * sectorBytes, (last - first + 1) * sectorBytes]
  return { number, type, kind: GPT_KINDS[type], label, startBytes, sizeBytes }
}

const EMPTY_GUID = '00000000-0000-0000-0000-000000000000'

/** The first three fields are little-endian, the rest is as printed. */
function guid(entry: Buffer): string {
  const hex = Buffer.concat([
    entry.subarray(0, 4).toReversed(),
    entry.subarray(4, 6).toReversed(),
    entry.subarray(6, 8).toReversed(),
    entry.subarray(8, 16),
  ]).toString('hex')
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

/** Source: UAPI Discoverable Partitions Specification. */
const GPT_KINDS: Readonly<Record<string, string>> = {
  'c12a7328-f81f-11d2-ba4b-00a0c93ec93b': 'EFI system',
  '21686148-6449-6e6f-744e-656564454649': 'BIOS boot',
  '0fc63daf-8483-4772-8e79-3d69d8477de4': 'Linux',
  '4f68bce3-e8cd-4db1-96e7-fbcaf984b709': 'Linux root (x86-64)',
  'b921b045-1df0-41c3-af44-4c6f280d3fae': 'Linux root (arm64)',
  '2c7357ed-ebd2-46d9-aec1-23d437ec2bf5': 'Linux verity (x86-64)',
  'df3300ce-d69f-4c92-978c-9bfb0f38d820': 'Linux verity (arm64)',
  '0657fd6d-a4ab-43c4-84e5-0933c84b4f4f': 'Linux swap',
  'e6d6d379-f507-44c2-a23c-238f2a3df928': 'Linux LVM',
  'ca7d7ccb-63ed-4c53-861c-1742536059cc': 'Linux LUKS',
  'bc13c2ff-59e6-4262-a352-b275fd6f7172': 'Linux extended boot',
  'ebd0a0a2-b9e5-4433-87c0-68b6b72699c7': 'Microsoft data',
}

const MBR_KINDS: Readonly<Record<number, string>> = {
  0x05: 'extended',
  0x0b: 'FAT32',
  0x0c: 'FAT32',
  0x0e: 'FAT16',
  0x0f: 'extended',
  0x82: 'Linux swap',
  0x83: 'Linux',
  0xef: 'EFI system',
}

/** A file system alone ends its first sector as an MBR does, with code where the table would be: status bytes tell. */
function mbr(head: Buffer): PartitionTable {
  if (head.length < 512 || head.readUInt16LE(510) !== 0xaa55) return NOTHING
  const entries = [0, 1, 2, 3].map(index => head.subarray(446 + index * 16, 462 + index * 16))
  if (entries.some(entry => entry[0] !== 0 && entry[0] !== 0x80)) return NOTHING
  const partitions = entries
    .map((entry, index): Partition => {
      const type = entry[4] ?? 0
      const [startBytes, sizeBytes] = [entry.readUInt32LE(8) * 512, entry.readUInt32LE(12) * 512]
      const name = `0x${type.toString(16).padStart(2, '0')}`
      return { number: index + 1, type: name, kind: MBR_KINDS[type], label: '', startBytes, sizeBytes }
    })
    .filter(({ type, sizeBytes }) => type !== '0x00' && sizeBytes > 0)
  return partitions.length === 0 ? NOTHING : { ...NOTHING, scheme: 'mbr', partitions, endBytes: endOf(partitions) }
}

function endOf(partitions: readonly Partition[]): number {
  return Math.max(0, ...partitions.map(({ startBytes, sizeBytes }) => startBytes + sizeBytes))
}
