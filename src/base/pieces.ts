import { closeSync, openSync, writeSync } from 'node:fs'

const CHUNK_BYTES = 1 << 18
/** A code unit of a text takes at most three bytes of UTF-8. */
const CHUNK_CHARS = Math.floor(CHUNK_BYTES / 3)

/**
 * Writes a file of texts, one behind the other, without ever having all of it in memory.
 *
 * Limits: a character is in one text. Errors: what the system says.
 */
export function writePieces(path: string, pieces: Iterable<string>): void {
  const fd = openSync(path, 'w')
  try {
    const bytes = Buffer.allocUnsafe(CHUNK_BYTES)
    let used = 0
    for (const piece of pieces)
      for (const part of partsOf(piece)) {
        if (used + part.length * 3 > bytes.length) {
          writeAll(fd, bytes.subarray(0, used))
          used = 0
        }
        used += bytes.write(part, used)
      }
    writeAll(fd, bytes.subarray(0, used))
  } finally {
    closeSync(fd)
  }
}

/** A text in parts that fit a chunk; both halves of a character are in one part. */
function partsOf(text: string): string[] {
  const parts: string[] = []
  let from = 0
  while (text.length - from > CHUNK_CHARS) {
    const isHalf = (text.charCodeAt(from + CHUNK_CHARS - 1) & 0xfc00) === 0xd800
    const to = from + CHUNK_CHARS - (isHalf ? 1 : 0)
    parts.push(text.slice(from, to))
    from = to
  }
  return [...parts, text.slice(from)]
}

function writeAll(fd: number, bytes: Buffer): void {
  for (let from = 0; from < bytes.length;) from += writeSync(fd, bytes, from)
}
