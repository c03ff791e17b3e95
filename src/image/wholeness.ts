import type { FileHandle } from 'node:fs/promises'
import type { ImageFormat } from '../model/image.ts'
import { Damage, readExactly, type Wholeness } from './damage.ts'
import { readXzIndex } from './xz-index.ts'
import { walkZstd } from './zstd-frames.ts'

/**
 * Checks as far as can be without decoding that an image file is whole, and reads its decoded size.
 *
 * Limits: gzip says nothing of a file that was cut, and its size only up to 4 GiB, so both are left to the decoder.
 * Bits flipped in the middle are found by digests and by decoding only. Errors: `Damage`.
 */
export async function checkWhole(
  file: FileHandle,
  format: ImageFormat,
  sizeBytes: number,
  signal: AbortSignal,
): Promise<Wholeness> {
  switch (format) {
    case 'raw':
      if (sizeBytes < SECTOR_BYTES) throw new Damage('less than one sector')
      return { rawSizeBytes: sizeBytes }
    case 'zst': {
      const { contentBytes, damage } = await walkZstd(file, sizeBytes, signal)
      if (damage !== undefined) throw new Damage(damage)
      return { rawSizeBytes: contentBytes }
    }
    case 'xz':
      return readXzIndex(file, sizeBytes)
    case 'bz2':
      if (
        !endsAsBzip2(
          await readExactly(file, Math.max(0, sizeBytes - BZIP2_END_BYTES), Math.min(sizeBytes, BZIP2_END_BYTES)),
        )
      )
        throw new Damage('it ends before its last block does')
      return { rawSizeBytes: undefined }
    case 'gz':
      if (sizeBytes < 18) throw new Damage('it ends inside its header')
      return { rawSizeBytes: undefined }
  }
}

const SECTOR_BYTES = 512

/** 48 bits of end mark, 32 of checksum, and up to 7 to fill the last byte. */
const BZIP2_END_BYTES = 11
const BZIP2_END_MARK = 0x177245385090n

/** The blocks of a bzip2 file are not aligned to bytes: its end mark stands at one of eight places. */
function endsAsBzip2(tail: Buffer): boolean {
  const bits = tail.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n)
  return [0n, 1n, 2n, 3n, 4n, 5n, 6n, 7n].some(fill => ((bits >> (32n + fill)) & 0xffffffffffffn) === BZIP2_END_MARK)
}
