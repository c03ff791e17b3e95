import { createHash } from 'node:crypto'
import { open, type FileHandle } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { createZstdDecompress } from 'node:zlib'
import { Fault } from '../../../base/fault.ts'
import type { Image } from '../../../model/image.ts'
import { walkZstd, ZSTD_MAGIC } from './zstd-frames.ts'

/** An image file that was checked as far as it can be without decoding it. */
export interface Source {
  readonly path: string
  readonly compressed: boolean
  /** Size on the medium; undefined for a zst file that was made from a pipe and has no sidecar. */
  readonly rawBytes: number | undefined
}

/** Larger pieces halve the time of Node's zstd stream against its default (690 against 232 MB/s). */
export const CHUNK_BYTES = 1 << 20

/** Checks an image file against what the plan knows of it. Errors: `configuration/image`. */
export async function checkSource(image: Image, signal: AbortSignal): Promise<Source> {
  await using file = await open(image.path, 'r').catch((error: Error) => {
    throw badImage(image, 'a readable image file', error.message)
  })
  const { size } = await file.stat()
  if (size !== image.sizeBytes) throw badImage(image, `${image.sizeBytes} bytes`, `${size} bytes`)
  if (size === 0) throw badImage(image, 'an image', 'an empty file')
  const sha256 = await digestOf(file, signal)
  if (sha256 !== image.sha256) throw badImage(image, `SHA-256 ${image.sha256}`, sha256)
  const head = Buffer.alloc(4)
  await file.read(head, 0, 4, 0)
  // By content, not by name: an archive written as it is looks like a success until the board boots.
  if (head.readUInt32LE(0) !== ZSTD_MAGIC) return { path: image.path, compressed: false, rawBytes: size }
  const { contentBytes, damage } = await walkZstd(file, size, signal)
  if (damage !== undefined) throw badImage(image, 'a whole zst file', damage)
  return { path: image.path, compressed: true, rawBytes: contentBytes ?? image.rawSizeBytes }
}

/**
 * Hands the decoded image to `consume`, piece by piece. Errors: `configuration/image` when it cannot be decoded; then
 * the medium holds a part of it.
 */
export async function readSource(
  source: Source,
  consume: (chunk: Buffer) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const file = await open(source.path, 'r')
  const raw = file.createReadStream({ highWaterMark: CHUNK_BYTES })
  const sink = async (chunks: AsyncIterable<Buffer>): Promise<void> => {
    for await (const chunk of chunks) await consume(chunk)
  }
  try {
    if (source.compressed) await pipeline(raw, createZstdDecompress({ chunkSize: CHUNK_BYTES }), sink, { signal })
    else await pipeline(raw, sink, { signal })
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof Fault) throw error
    throw new Fault('configuration/image', {
      expected: `${source.path} to be readable to its end`,
      seen: (error as Error).message,
      next: 'the medium holds a part of it and does not boot now: build or fetch the image again and flash that',
      cause: error,
    })
  }
}

/** The digest of what an image decodes to. Errors: as `readSource`. */
export async function digestOfSource(source: Source, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256')
  await readSource(source, async chunk => void hash.update(chunk), signal)
  return hash.digest('hex')
}

async function digestOf(file: FileHandle, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256')
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES)
  for (let at = 0; ;) {
    signal.throwIfAborted()
    const { bytesRead } = await file.read(buffer, 0, buffer.length, at)
    if (bytesRead === 0) return hash.digest('hex')
    hash.update(buffer.subarray(0, bytesRead))
    at += bytesRead
  }
}

function badImage(image: Image, expected: string, seen: string): Fault {
  return new Fault('configuration/image', {
    expected: `${image.path} to be ${expected}`,
    seen: `${seen}; nothing was written`,
  })
}
