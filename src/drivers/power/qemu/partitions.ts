/** Reads bytes of a medium; fewer at its end. */
export type ReadAt = (offsetBytes: number, lengthBytes: number) => Buffer

/**
 * Where the first partition with a FAT file system begins, in bytes; undefined where there is none.
 *
 * Looks into the partitions instead of at their type: images mark a boot partition as ESP, as FAT or as something
 * of a vendor's own. Limits: primary MBR partitions and the first 128 GPT entries; 512-byte sectors.
 * Source: UEFI 2.10 §5.3 (GPT), §5.2 (MBR); Microsoft FAT specification 1.03 §3.1.
 */
export function firstFatPartition(read: ReadAt): number | undefined {
  const starts = gptStarts(read) ?? mbrStarts(read)
  return starts.find(start => isFat(read(start, SECTOR_BYTES)))
}

const SECTOR_BYTES = 512
const MAX_GPT_ENTRIES = 128

function gptStarts(read: ReadAt): number[] | undefined {
  const header = read(SECTOR_BYTES, SECTOR_BYTES)
  if (header.length < SECTOR_BYTES || header.toString('latin1', 0, 8) !== 'EFI PART') return undefined
  const entryBytes = header.readUInt32LE(84)
  const entries = Math.min(header.readUInt32LE(80), MAX_GPT_ENTRIES)
  if (entryBytes < 128 || entryBytes > 4096) return []
  const table = read(Number(header.readBigUInt64LE(72)) * SECTOR_BYTES, entries * entryBytes)
  const starts: number[] = []
  for (let at = 0; at + entryBytes <= table.length; at += entryBytes) {
    const used = table.subarray(at, at + 16).some(byte => byte !== 0)
    if (used) starts.push(Number(table.readBigUInt64LE(at + 32)) * SECTOR_BYTES)
  }
  return starts
}

function mbrStarts(read: ReadAt): number[] {
  const sector = read(0, SECTOR_BYTES)
  if (sector.length < SECTOR_BYTES || sector.readUInt16LE(510) !== 0xaa55) return []
  return [446, 462, 478, 494]
    .filter(at => sector[at + 4] !== 0)
    .map(at => sector.readUInt32LE(at + 8) * SECTOR_BYTES)
    .filter(start => start > 0)
}

/** A FAT boot sector: the signature, a sane sector size, and the name that every mkfs writes. */
function isFat(sector: Buffer): boolean {
  if (sector.length < SECTOR_BYTES || sector.readUInt16LE(510) !== 0xaa55) return false
  const names = [sector.toString('latin1', 54, 57), sector.toString('latin1', 82, 85)]
  return [512, 1024, 2048, 4096].includes(sector.readUInt16LE(11)) && names.includes('FAT')
}
