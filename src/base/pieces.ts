import { closeSync, openSync, writeSync } from 'node:fs'

const CHUNK_CHARS = 1 << 16
/** No character of a text takes more bytes of UTF-8 than this for each of its code units. */
const MOST_BYTES = 3

/** Writes a file of texts, one behind the other, without ever having all of it in memory. Errors: what the system says. */
export function writePieces(path: string, pieces: Iterable<string>): void {
  const fd = openSync(path, 'w')
  try {
    const bytes = Buffer.allocUnsafe(CHUNK_CHARS * MOST_BYTES)
    let waiting = ''
    for (const piece of pieces) {
      waiting += piece
      if (waiting.length >= CHUNK_CHARS) waiting = writeChunks(fd, waiting, bytes)
    }
    writeAll(fd, bytes.subarray(0, bytes.write(waiting)))
  } finally {
    closeSync(fd)
  }
}

/** Writes as many whole chunks as there are, and gives what is left. */
function writeChunks(fd: number, text: string, bytes: Buffer): string {
  let from = 0
  while (text.length - from >= CHUNK_CHARS) {
    // Both halves of a character go into one chunk.
    const isHalf = (text.charCodeAt(from + CHUNK_CHARS - 1) & 0xfc00) === 0xd800
    const to = from + CHUNK_CHARS - (isHalf ? 1 : 0)
    writeAll(fd, bytes.subarray(0, bytes.write(text.slice(from, to))))
    from = to
  }
  return text.slice(from)
}

function writeAll(fd: number, bytes: Buffer): void {
  for (let from = 0; from < bytes.length;) from += writeSync(fd, bytes, from)
}
