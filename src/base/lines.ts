import { closeSync, openSync, readSync } from 'node:fs'
import { Fault } from './fault.ts'
import { shortPath } from './paths.ts'

const PIECE_BYTES = 1 << 16
const NEWLINE = 0x0a

/** The lines of a text as `split` gives them, the empty one behind a last newline too, one at a time. */
export function* linesOf(text: string): Generator<string> {
  let from = 0
  for (let to = text.indexOf('\n'); to >= 0; to = text.indexOf('\n', from)) {
    yield text.slice(from, to)
    from = to + 1
  }
  yield text.slice(from)
}

/**
 * The lines of a UTF-8 file, in the same way, without ever having all of it in memory. Errors: `configuration/run-log` for one
 * that cannot be read; all such files are logs of runs, or made of them.
 */
export function* linesOfFile(path: string): Generator<string> {
  const fd = readable(path, () => openSync(path, 'r'))
  try {
    const piece = Buffer.allocUnsafe(PIECE_BYTES)
    const read = (): number => readable(path, () => readSync(fd, piece))
    let rest: Buffer[] = []
    for (let bytes = read(); bytes > 0; bytes = read()) {
      const end = piece.subarray(0, bytes).lastIndexOf(NEWLINE)
      if (end >= 0) {
        // A newline is never a part of another character, so whole lines can be decoded by themselves.
        const lines = Buffer.concat([...rest, piece.subarray(0, end)])
          .toString('utf8')
          .split('\n')
        rest = []
        yield* lines
      }
      rest.push(Buffer.from(piece.subarray(end + 1, bytes)))
    }
    yield Buffer.concat(rest).toString('utf8')
  } finally {
    closeSync(fd)
  }
}

function readable<T>(path: string, read: () => T): T {
  try {
    return read()
  } catch (cause) {
    throw new Fault('configuration/run-log', {
      expected: `a readable file ${shortPath(path)}`,
      seen: (cause as Error).message,
      next: 'name a file that is there and that this user may read',
      cause,
    })
  }
}
