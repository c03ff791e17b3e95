import { statSync } from 'node:fs'
import { Fault } from '../../../base/fault.ts'

/** How many bytes are quoted of what was expected and seen. */
const QUOTED_BYTES = 16

/** The fault of a medium that does not give back what it was given. `expected` is unknown where only its checksum was kept. */
export function mismatch(
  path: string,
  offset: number,
  expected: Buffer | undefined,
  seen: Buffer,
  next?: string,
): Fault {
  const at = expected === undefined ? 0 : firstDifference(expected, seen)
  const from = at - (at % QUOTED_BYTES)
  const quote = (bytes: Buffer): string =>
    bytes.toString('hex', from, from + QUOTED_BYTES).replaceAll(/..(?=.)/g, '$& ')
  return new Fault('infrastructure/flash-verify', {
    expected: `${path} to hold what was written at byte ${offset + at}`,
    seen: expected === undefined ? 'other bytes there once everything was written' : 'other bytes',
    evidence: [
      `byte ${offset + from}, expected: ${expected === undefined ? 'what it gave right after it was written' : quote(expected)}`,
      `byte ${offset + from}, seen:     ${quote(seen)}`,
    ],
    ...(next !== undefined && { next }),
    ...(expected === undefined && {
      next: 'replace the medium: it keeps less than it promises, or answered from a cache before',
    }),
  })
}

/**
 * The fault of a read or write that failed. A medium that left is a matter of its cable or switch, not of its cells.
 */
export function mediumFault(
  { path, fd }: { readonly path: string; readonly fd: number },
  what: 'read' | 'write',
  offset: number,
  cause: NodeJS.ErrnoException,
): Fault {
  if (hasLeft(path, fd, cause.code))
    return new Fault('infrastructure/media', {
      expected: `${path} to stay connected while it was flashed`,
      seen: `it left this host at byte ${offset}`,
      next: 'check its cable, the hub or mux that switches it, and who else switches that; the medium does not boot now',
      cause,
    })
  return new Fault(what === 'write' ? 'infrastructure/flash-write' : 'infrastructure/flash-verify', {
    expected: what === 'write' ? `${path} to take the image` : `to read ${path} back`,
    seen: `${cause.message} after ${offset} bytes`,
    cause,
  })
}

const GONE = new Set(['ENODEV', 'ENXIO', 'ENOMEDIUM'])

function hasLeft(path: string, fd: number, code: string | undefined): boolean {
  if (code !== undefined && GONE.has(code)) return true
  try {
    // An SD card pulled out of its reader answers EIO first, and its size is gone.
    return statSync(path).rdev !== statSync(`/proc/self/fd/${fd}`).rdev
  } catch {
    return true
  }
}

function firstDifference(expected: Buffer, seen: Buffer): number {
  let [from, to] = [0, expected.length]
  while (to - from > 1) {
    const middle = (from + to) >> 1
    if (expected.subarray(from, middle).equals(seen.subarray(from, middle))) from = middle
    else to = middle
  }
  return from
}
