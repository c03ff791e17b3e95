import { createHash } from 'node:crypto'
import { open, type FileHandle } from 'node:fs/promises'
import { Fault } from '../../base/fault.ts'
import { PIECE_BYTES } from './board-side.ts'

/** Opens a file of this host. Errors: `configuration/usage`, which names it. */
export async function openLocal(path: string, flags: 'r' | 'r+' | 'w+'): Promise<FileHandle> {
  try {
    return await open(path, flags)
  } catch (error) {
    throw new Fault('configuration/usage', {
      expected: `${path} of this host to be ${flags === 'r' ? 'read' : 'written'}`,
      seen: (error as Error).message,
    })
  }
}

/** The digest of a file's first bytes, a piece in memory at a time. */
export async function digestOf(
  file: FileHandle,
  kind: string,
  sizeBytes: number,
  signal: AbortSignal,
): Promise<string> {
  const hash = createHash(kind)
  for (let at = 0; at < sizeBytes; at += PIECE_BYTES) {
    signal.throwIfAborted()
    hash.update(await pieceAt(file, at, Math.min(PIECE_BYTES, sizeBytes - at)))
  }
  return hash.digest('hex')
}

/** Bytes of a file; fewer where it ends. */
export async function pieceAt(file: FileHandle, at: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length)
  let done = 0
  while (done < length) {
    const { bytesRead } = await file.read(bytes, done, length - done, at + done)
    if (bytesRead === 0) break
    done += bytesRead
  }
  return bytes.subarray(0, done)
}

export function md5(bytes: Uint8Array): string {
  return createHash('md5').update(bytes).digest('hex')
}
