import type { FileHandle } from 'node:fs/promises'

/** What the frame of a packed file tells without decoding it. */
export interface Wholeness {
  /** Decoded size, where the file says. */
  readonly rawSizeBytes: number | undefined
}

/** Why a packed file cannot be whole, in words that follow "saw". */
export class Damage extends Error {}

/** Bytes of a file. Errors: `Damage` where it has fewer. */
export async function readExactly(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position)
  if (bytesRead < length) throw new Damage('it ends too soon')
  return buffer
}
