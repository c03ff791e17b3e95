import { spawn } from 'node:child_process'
import { createReadStream } from 'node:fs'
import type { Readable, Transform } from 'node:stream'
import { createGunzip, createZstdDecompress } from 'node:zlib'
import { findProgram } from '../base/program.ts'
import type { ImageFormat } from '../model/image.ts'
import { Damage } from './damage.ts'
import { firstFrameAt } from './zstd-frames.ts'

/**
 * The first bytes of what an image file decodes to; fewer when there are no more, or its first frame has no more. Undefined where this host lacks the
 * program for it (xz, bzip2).
 *
 * Errors: `Damage` when its start cannot be decoded.
 */
export async function decodedHead(
  path: string,
  format: ImageFormat,
  length: number,
  signal: AbortSignal,
): Promise<Buffer | undefined> {
  if (format === 'raw') return collect(createReadStream(path, { end: length - 1, signal }), length)
  // Node's decoder takes a frame to be skipped for the end, and anything behind its first frame for nothing.
  if (format === 'zst') return unpack(path, await firstFrameAt(path), createZstdDecompress(), length, signal)
  if (format === 'gz') return unpack(path, 0, createGunzip(), length, signal)
  const program = findProgram(format === 'xz' ? 'xz' : 'bzip2')
  if (program === undefined) return undefined
  const child = spawn(program, ['-dc', path], { stdio: ['ignore', 'pipe', 'ignore'], signal })
  const failed = new Promise<never>((_resolve, reject) => child.once('error', reject))
  // It may still fail when nobody waits for it any more.
  failed.catch(() => undefined)
  const ended = new Promise<number | null>(resolve => child.once('close', resolve))
  try {
    const head = await Promise.race([collect(child.stdout, length), failed])
    if (head.length < length && (await ended) !== 0) throw new Damage('it cannot be decoded')
    return head
  } finally {
    child.kill('SIGKILL')
  }
}

async function unpack(
  path: string,
  start: number,
  decoder: Transform,
  length: number,
  signal: AbortSignal,
): Promise<Buffer> {
  // Half of a frame is enough: what is asked for stands at its start.
  const source = createReadStream(path, { start, signal })
  source.on('error', error => decoder.destroy(error))
  try {
    return await collect(source.pipe(decoder), length)
  } catch (error) {
    signal.throwIfAborted()
    throw new Damage(`it cannot be decoded: ${(error as Error).message}`, { cause: error })
  } finally {
    source.destroy()
  }
}

async function collect(stream: Readable, length: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    size += chunk.length
    if (size >= length) break
  }
  return Buffer.concat(chunks).subarray(0, length)
}
