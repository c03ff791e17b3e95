import { open, type FileHandle } from 'node:fs/promises'

/** What the headers of a zst file say, without decoding it. */
export interface ZstdSummary {
  /** Decoded size, where every frame promises one (zstd does for a file, not for a pipe). */
  readonly contentBytes: number | undefined
  /** Why the file cannot be whole. */
  readonly damage: string | undefined
}

/** The first bytes of a zst file. */
export const ZSTD_MAGIC = 0xfd2fb528

/**
 * Walks a zst file from block header to block header, so that a truncated one is found before anything is written.
 *
 * Limits: bits flipped inside a block are not seen here. Cost: one 3-byte read per 128 KiB decoded.
 * Source: RFC 8878 §3.1.
 */
export async function walkZstd(file: FileHandle, sizeBytes: number, signal: AbortSignal): Promise<ZstdSummary> {
  let contentBytes: number | undefined = 0
  let at = 0
  try {
    while (at < sizeBytes) {
      const frame = await walkFrame(file, at, signal)
      contentBytes = addKnown(contentBytes, frame.contentBytes)
      at = frame.end
    }
  } catch (error) {
    if (!(error instanceof Damage)) throw error
    return { contentBytes: undefined, damage: error.message }
  }
  if (at > sizeBytes) return { contentBytes: undefined, damage: `it ends ${at - sizeBytes} bytes too soon` }
  return { contentBytes, damage: undefined }
}

class Damage extends Error {}

/** Where each frame with data lies, up to and without its `end`. Errors: a plain one where no frame is. */
export async function* dataFrames(
  path: string,
  sizeBytes: number,
  signal: AbortSignal,
): AsyncGenerator<{ start: number; end: number }> {
  await using file = await open(path)
  for (let start = 0; start < sizeBytes;) {
    const { end, isSkipped } = await walkFrame(file, start, signal)
    if (!isSkipped) yield { start, end }
    start = end
  }
}

/** Where the first frame with data begins: `pzstd` puts one to be skipped in front of each. */
export async function firstFrameAt(path: string): Promise<number> {
  await using file = await open(path)
  let at = 0
  for (
    let head = await readUpTo(file, at, 8);
    head.length === 8 && isSkippable(head);
    head = await readUpTo(file, at, 8)
  )
    at += 8 + head.readUInt32LE(4)
  return at
}

/** Source: RFC 8878 §3.1.2. */
export function isSkippable(head: Buffer): boolean {
  return head.length >= 4 && head.readUInt32LE(0) >>> 4 === 0x184d2a5
}

interface Frame {
  readonly contentBytes: number | undefined
  readonly end: number
  readonly isSkipped: boolean
}

async function walkFrame(file: FileHandle, start: number, signal: AbortSignal): Promise<Frame> {
  const head = await readUpTo(file, start, 18)
  if (head.length < 8) throw new Damage('it ends inside a frame header')
  const magic = head.readUInt32LE(0)
  // Skippable frames: the size of their content follows.
  if (isSkippable(head)) return { contentBytes: 0, end: start + 8 + head.readUInt32LE(4), isSkipped: true }
  if (magic !== ZSTD_MAGIC) throw new Damage(`no zstd frame begins at byte ${start}`)
  const descriptor = head[4] ?? 0
  const singleSegment = (descriptor & 0x20) !== 0
  const sizeField = [singleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6] ?? 0
  const sizeAt = 5 + (singleSegment ? 0 : 1) + ([0, 1, 2, 4][descriptor & 3] ?? 0)
  if (head.length < sizeAt + sizeField) throw new Damage('it ends inside a frame header')
  const checksumBytes = (descriptor & 4) !== 0 ? 4 : 0
  const end = await walkBlocks(file, start + sizeAt + sizeField, signal)
  return { contentBytes: contentSize(head, sizeAt, sizeField), end: end + checksumBytes, isSkipped: false }
}

async function walkBlocks(file: FileHandle, start: number, signal: AbortSignal): Promise<number> {
  let window: Buffer = Buffer.alloc(0)
  let windowAt = 0
  for (let at = start; ;) {
    // Small blocks lie close together: one read serves many.
    if (at < windowAt || at + 3 > windowAt + window.length) {
      signal.throwIfAborted()
      window = await readUpTo(file, at, WINDOW_BYTES)
      windowAt = at
    }
    if (window.length < at - windowAt + 3) throw new Damage('it ends before its last block')
    const header = window.readUIntLE(at - windowAt, 3)
    const type = (header >> 1) & 3
    if (type === 3) throw new Damage(`a block that cannot be at byte ${at}`)
    at += 3 + (type === RLE ? 1 : header >> 3)
    if ((header & 1) !== 0) return at
  }
}

const WINDOW_BYTES = 4096
const RLE = 1

function contentSize(head: Buffer, at: number, bytes: number): number | undefined {
  if (bytes === 0) return undefined
  if (bytes === 8) return Number(head.readBigUInt64LE(at))
  return head.readUIntLE(at, bytes) + (bytes === 2 ? 256 : 0)
}

function addKnown(sum: number | undefined, more: number | undefined): number | undefined {
  return sum === undefined || more === undefined ? undefined : sum + more
}

async function readUpTo(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position)
  return buffer.subarray(0, bytesRead)
}
