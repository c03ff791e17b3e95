import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { closeSync, ftruncateSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'

/** An image in the forms in which it is flashed. */
export interface SparseImage {
  readonly raw: string
  readonly zst: string
  readonly bmap: string
}

export const IMAGE_BYTES = 4 * 2 ** 30
const RANGES = 540
const MAPPED_BYTES = 600 * 2 ** 20
const BLOCK_BYTES = 4096

/**
 * Makes an image as a build does: data in many ranges far apart, compressible as programs are (it is cut from the
 * Node.js that runs this). The same seed makes the same image; `otherShare` of its ranges hold something else.
 */
export function makeImage(folder: string, name: string, otherShare = 0): SparseImage {
  const paths = {
    raw: join(folder, `${name}.img`),
    zst: join(folder, `${name}.img.zst`),
    bmap: join(folder, `${name}.bmap`),
  }
  const stuff = readFileSync(process.execPath)
  const random = lcg(20_261_124)
  const fd = openSync(paths.raw, 'w')
  ftruncateSync(fd, IMAGE_BYTES)
  const apart = Math.floor(IMAGE_BYTES / RANGES / BLOCK_BYTES) * BLOCK_BYTES
  const ranges: Range[] = []
  for (let n = 0; n < RANGES; n++) {
    const length = Math.ceil(((0.2 + 1.6 * random()) * MAPPED_BYTES) / RANGES / BLOCK_BYTES) * BLOCK_BYTES
    const from = Math.floor(random() * (stuff.length - length - BLOCK_BYTES))
    const isOther = random() < otherShare
    const data = stuff.subarray(from + (isOther ? 512 : 0)).subarray(0, length)
    writeSync(fd, data, 0, length, n * apart)
    ranges.push({ first: (n * apart) / BLOCK_BYTES, blocks: length / BLOCK_BYTES, sha256: sha256(data) })
  }
  closeSync(fd)
  execFileSync('zstd', ['-q', '-f', '-3', '-T0', paths.raw, '-o', paths.zst])
  writeFileSync(paths.bmap, bmapOf(ranges))
  return paths
}

interface Range {
  readonly first: number
  readonly blocks: number
  readonly sha256: string
}

function bmapOf(ranges: readonly Range[]): string {
  const lines = ranges.map(
    ({ first, blocks, sha256 }) => `        <Range chksum="${sha256}"> ${first}-${first + blocks - 1} </Range>`,
  )
  const text = (own: string): string => `<?xml version="1.0" ?>
<bmap version="2.0">
    <ImageSize> ${IMAGE_BYTES} </ImageSize>
    <BlockSize> ${BLOCK_BYTES} </BlockSize>
    <BlocksCount> ${IMAGE_BYTES / BLOCK_BYTES} </BlocksCount>
    <MappedBlocksCount> ${ranges.reduce((sum, { blocks }) => sum + blocks, 0)} </MappedBlocksCount>
    <ChecksumType> sha256 </ChecksumType>
    <BmapFileChecksum> ${own} </BmapFileChecksum>
    <BlockMap>
${lines.join('\n')}
    </BlockMap>
</bmap>
`
  return text(sha256(Buffer.from(text('0'.repeat(64)))))
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** Numerical Recipes' generator: the same numbers everywhere. */
function lcg(seed: number): () => number {
  let state = seed
  return () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32
}
