import type { FileHandle } from 'node:fs/promises'
import { Damage, readExactly, type Wholeness } from './damage.ts'

const HEADER_BYTES = 12
const FOOTER_BYTES = 12
/** A whole index of a 1 TiB image in blocks of 1 MiB has about 8 MiB. */
const MAX_INDEX_BYTES = 32 << 20

/**
 * Reads what an xz file says of itself at its end: whether it is whole, and its decoded size.
 *
 * Limits: bits flipped inside a block are not seen. Source: The .xz File Format 1.2.1, §2.1.2 and §4.
 */
export async function readXzIndex(file: FileHandle, sizeBytes: number): Promise<Wholeness> {
  let rawSizeBytes = 0
  // Streams may follow one another; each is found from its end.
  for (let end = await withoutPadding(file, sizeBytes); end > 0; end = await withoutPadding(file, end)) {
    if (end < HEADER_BYTES + FOOTER_BYTES) throw new Damage('it ends inside a stream')
    const footer = await readExactly(file, end - FOOTER_BYTES, FOOTER_BYTES)
    if (footer.toString('latin1', 10) !== 'YZ') throw new Damage('it ends before its last stream does')
    const indexBytes = (footer.readUInt32LE(4) + 1) * 4
    const indexAt = end - FOOTER_BYTES - indexBytes
    if (indexAt < HEADER_BYTES || indexBytes > MAX_INDEX_BYTES) throw new Damage('the index at its end is damaged')
    const { unpackedBytes, blocksBytes } = sumsOf(await readExactly(file, indexAt, indexBytes))
    const start = indexAt - blocksBytes - HEADER_BYTES
    if (start < 0) throw new Damage(`${-start} bytes of it are missing`)
    const header = await readExactly(file, start, HEADER_BYTES)
    if (!header.subarray(0, 6).equals(XZ_MAGIC)) throw new Damage(`no xz stream begins at byte ${start}`)
    rawSizeBytes += unpackedBytes
    end = start
  }
  return { rawSizeBytes }
}

const XZ_MAGIC = Buffer.from('fd377a585a00', 'hex')

/** Streams may be padded with zeros, four at a time. */
async function withoutPadding(file: FileHandle, end: number): Promise<number> {
  while (end >= 4 && (await readExactly(file, end - 4, 4)).readUInt32LE(0) === 0) end -= 4
  return end
}

function sumsOf(index: Buffer): { unpackedBytes: number; blocksBytes: number } {
  let at = 0
  const next = (): number => {
    let value = 0
    for (let shift = 0; shift < 63; shift += 7) {
      const byte = index[at++]
      if (byte === undefined) break
      value += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) return value
    }
    throw new Damage('the index at its end is damaged')
  }
  if (index[at++] !== 0) throw new Damage('the index at its end is damaged')
  let [unpackedBytes, blocksBytes] = [0, 0]
  for (let records = next(); records > 0; records--) {
    blocksBytes += Math.ceil(next() / 4) * 4
    unpackedBytes += next()
  }
  return { unpackedBytes, blocksBytes }
}
