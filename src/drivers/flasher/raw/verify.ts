import { createHash } from 'node:crypto'
import { Fault } from '../../../base/fault.ts'
import { CHUNK_BYTES } from './source.ts'
import { openForReading, type Target } from './target.ts'
import type { Written } from './write.ts'

/**
 * Reads back what was written and compares. Resolves to the digest of what the medium gave.
 *
 * Errors: `infrastructure/flash-verify`, also when the medium cannot be read.
 */
export async function verify(
  target: Target,
  written: Written,
  signal: AbortSignal,
  progress: (doneBytes: number) => void,
): Promise<string> {
  const sha256 = await digestOfMedium(target, written.bytes, signal, progress).catch((error: Error) => {
    signal.throwIfAborted()
    throw new Fault('infrastructure/flash-verify', {
      expected: `to read ${target.path} back`,
      seen: error.message,
      cause: error,
    })
  })
  if (sha256 !== written.sha256)
    throw new Fault('infrastructure/flash-verify', {
      expected: `SHA-256 ${written.sha256} of the ${written.bytes} bytes written to ${target.path}`,
      seen: sha256,
    })
  return sha256
}

async function digestOfMedium(
  target: Target,
  bytes: number,
  signal: AbortSignal,
  progress: (doneBytes: number) => void,
): Promise<string> {
  await using file = await openForReading(target)
  const hash = createHash('sha256')
  const [front, back] = [alignedBuffer(), alignedBuffer()]
  const read = (buffer: Buffer, at: number): Promise<number> =>
    file.read(buffer, 0, CHUNK_BYTES, at).then(result => result.bytesRead)
  let pending = read(front, 0)
  for (let at = 0, buffer = front; at < bytes;) {
    const got = Math.min(await pending, bytes - at)
    signal.throwIfAborted()
    if (got <= 0) throw new Error(`it ends after ${at} bytes`)
    // The next piece is read while this one is hashed.
    const other = buffer === front ? back : front
    if (at + got < bytes) pending = read(other, at + got)
    hash.update(buffer.subarray(0, got))
    at += got
    buffer = other
    progress(at)
  }
  return hash.digest('hex')
}

/** Direct reads want memory that begins at a page; a WebAssembly memory does. */
function alignedBuffer(): Buffer {
  const { WebAssembly } = globalThis as unknown as WebAssemblyHost
  return Buffer.from(new WebAssembly.Memory({ initial: CHUNK_BYTES / 65_536 }).buffer)
}

/** The little of WebAssembly that is used here; Node's own types leave it to the browser's. */
interface WebAssemblyHost {
  readonly WebAssembly: { readonly Memory: new (size: { initial: number }) => { readonly buffer: ArrayBuffer } }
}
