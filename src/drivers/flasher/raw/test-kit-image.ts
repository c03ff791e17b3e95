import { createHash, randomBytes } from 'node:crypto'
import { execFileSync } from 'node:child_process'
import { truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { constants, gzipSync, zstdCompressSync } from 'node:zlib'
import type { FlashJob, FlashProgress } from '../../../controls/flasher.ts'
import type { Medium } from '../../../controls/media.ts'
import type { FlashProof } from '../../../model/event.ts'
import type { Image, ImageFormat } from '../../../model/image.ts'
import { soon, tempDir, testContext } from '../../test-kit.ts'
import raw from '../raw.ts'

export const MIB = 1 << 20

/** What an image holds: data, a long stretch of zeros, data that is not a whole number of units. */
export const CONTENT = Buffer.concat([randomBytes(2 * MIB + 4096), Buffer.alloc(7 * MIB), randomBytes(MIB + 12_288)])

/** Packs with a checksum, as the zstd program does; Node leaves it out. */
export function zst(bytes: Buffer): Buffer {
  return zstdCompressSync(bytes, { params: { [constants.ZSTD_c_checksumFlag]: 1 } })
}

/** Packs bytes in one of the formats. */
export function pack(bytes: Buffer, format: ImageFormat): Buffer {
  if (format === 'zst') return zst(bytes)
  if (format === 'gz') return gzipSync(bytes)
  if (format === 'raw') return bytes
  return execFileSync(format === 'xz' ? 'xz' : 'bzip2', ['-c'], { input: bytes, maxBuffer: bytes.length * 2 })
}

/** Writes an image file and says of it what a plan would. */
export function imageOf(folder: string, bytes: Buffer, format: ImageFormat, more: Partial<Image> = {}): Image {
  const path = join(folder, `${sha256(bytes).slice(0, 12)}.img`)
  writeFileSync(path, bytes)
  return { path, variant: 'debug', format, sha256: sha256(bytes), sizeBytes: bytes.length, ...more }
}

/** A block map of some bytes, by blocks of 4 KiB, as `bmaptool create` writes it. */
export function bmapOf(bytes: Buffer): string {
  const block = 4096
  const blocks = Math.ceil(bytes.length / block)
  const ranges: [number, number][] = []
  for (let n = 0; n < blocks; n++) {
    const part = bytes.subarray(n * block, (n + 1) * block)
    if (part.every(byte => byte === 0)) continue
    if (ranges.at(-1)?.[1] === n - 1) ranges.at(-1)![1] = n
    else ranges.push([n, n])
  }
  const mapped = ranges.reduce((sum, [from, to]) => sum + to - from + 1, 0)
  const lines = ranges.map(([from, to]) => {
    const sum = sha256(bytes.subarray(from * block, (to + 1) * block))
    return `        <Range chksum="${sum}"> ${from === to ? from : `${from}-${to}`} </Range>`
  })
  const text = (own: string): string => `<?xml version="1.0" ?>
<bmap version="2.0">
    <ImageSize> ${bytes.length} </ImageSize>
    <BlockSize> ${block} </BlockSize>
    <BlocksCount> ${blocks} </BlocksCount>
    <MappedBlocksCount> ${mapped} </MappedBlocksCount>
    <ChecksumType> sha256 </ChecksumType>
    <BmapFileChecksum> ${own} </BmapFileChecksum>
    <BlockMap>
${lines.join('\n')}
    </BlockMap>
</bmap>
`
  return text(sha256(Buffer.from(text('0'.repeat(64)))))
}

/** A file of 16 MiB that is full of something old. */
export function usedFile(folder: string, sizeBytes = 16 * MIB): Medium {
  const path = join(folder, 'disk.img')
  writeFileSync(path, Buffer.alloc(sizeBytes, 0xee))
  return { path, kind: 'file' }
}

/** A file that is all one hole. */
export function emptyFile(folder: string, sizeBytes = 16 * MIB): Medium {
  const path = join(folder, 'disk.img')
  writeFileSync(path, '')
  truncateSync(path, sizeBytes)
  return { path, kind: 'file' }
}

/** Flashes as a bench would. */
export async function flash(
  image: Image,
  target: Medium,
  more: Partial<Pick<FlashJob, 'mode' | 'dryRun' | 'signal'>> & {
    progress?: (report: FlashProgress) => void
    stateDir?: string
  } = {},
): Promise<FlashProof> {
  // State of its own, or one test would prove the promise of another's image.
  using state = tempDir()
  const flasher = await raw.open({}, testContext(more.stateDir ?? state.path))
  const { stateDir: _, ...rest } = more
  return await flasher.flash({ image, target, signal: soon(60_000), progress: () => {}, ...rest })
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
