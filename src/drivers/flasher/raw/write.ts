import { createHash } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import { Fault } from '../../../base/fault.ts'
import { CHUNK_BYTES, readSource, type Source } from './source.ts'
import { openForWriting, type Target } from './target.ts'

/** What was handed to a medium. */
export interface Written {
  readonly bytes: number
  /** What the medium must now hold: the image's promise, or else computed while writing. */
  readonly sha256: string
}

/**
 * Writes an image from the start of a medium and flushes it. With a promised digest none is computed here: the read
 * back is held against the promise, which costs one pass over the bytes less.
 *
 * Zeros: a file is emptied and extended to its old size first, so that holes are left for them and nothing old shows
 * through; a device gets every byte, because what it held before is not known to be zero.
 * Errors: `infrastructure/flash-write`, `configuration/image`; both leave a medium that does not boot.
 */
export async function writeImage(
  source: Source,
  target: Target,
  promisedSha256: string | undefined,
  signal: AbortSignal,
  progress: (doneBytes: number) => void,
): Promise<Written> {
  await using file = await openForWriting(target)
  const hash = promisedSha256 === undefined ? createHash('sha256') : undefined
  let bytes = 0
  const consume = async (chunk: Buffer): Promise<void> => {
    if (bytes + chunk.length > target.sizeBytes) throw tooBig(source, target)
    // The disk is busy while the digest is computed, and the other way round.
    const written = target.kind === 'file' && isZero(chunk) ? undefined : writeAll(file, chunk, bytes, target)
    hash?.update(chunk)
    await written
    bytes += chunk.length
    progress(bytes)
  }
  try {
    if (target.kind === 'file') {
      await file.truncate(0)
      await file.truncate(target.sizeBytes)
    }
    await readSource(source, consume, signal)
    await file.sync()
  } catch (error) {
    signal.throwIfAborted()
    throw error instanceof Fault ? error : writeFault(target, bytes, error as Error)
  }
  if (source.rawBytes !== undefined && bytes !== source.rawBytes)
    throw new Fault('configuration/image', {
      expected: `${source.path} to hold ${source.rawBytes} bytes`,
      seen: `${bytes} bytes`,
      next: 'the medium holds a part of it and does not boot now: build or fetch the image again and flash that',
    })
  return { bytes, sha256: promisedSha256 ?? hash!.digest('hex') }
}

const ZEROS = Buffer.alloc(CHUNK_BYTES)

function isZero(chunk: Buffer): boolean {
  return chunk.equals(chunk.length === ZEROS.length ? ZEROS : ZEROS.subarray(0, chunk.length))
}

/** Throws a fault of its own, so that a medium that failed is told from an image that did: both end the same pipeline. */
async function writeAll(file: FileHandle, chunk: Buffer, position: number, target: Target): Promise<void> {
  for (let at = 0; at < chunk.length;) {
    const { bytesWritten } = await file.write(chunk, at, chunk.length - at, position + at).catch((error: Error) => {
      throw writeFault(target, position + at, error)
    })
    at += bytesWritten
  }
}

function writeFault(target: Target, bytes: number, cause: Error): Fault {
  return new Fault('infrastructure/flash-write', {
    expected: `${target.path} to take the image`,
    seen: `${cause.message} after ${bytes} bytes`,
    cause,
  })
}

function tooBig(source: Source, target: Target): Fault {
  return new Fault('configuration/image', {
    expected: `${source.path} to fit on ${target.path} (${target.sizeBytes} bytes)`,
    seen: 'a larger image, whose size was not known beforehand',
    next: 'the medium does not boot now: take a larger one, or another image',
  })
}
