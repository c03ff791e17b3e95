import { readSync } from 'node:fs'
import { Fault } from '../../../base/fault.ts'

/** How often a read of the image is tried: a share that stutters is not a broken image. */
const TRIES = 3
const PAUSE_MS = 200

/** Reads a piece of an image file; short only at its end. Blocks, also between tries. Errors: `infrastructure/image-read`. */
export function readSource(source: OpenFile, into: Buffer, position: number): number {
  let at = 0
  while (at < into.length) {
    const got = readOnce(source, into.subarray(at), position + at)
    if (got === 0) break
    at += got
  }
  return at
}

interface OpenFile {
  readonly fd: number
  readonly path: string
}

function readOnce({ fd, path }: OpenFile, into: Buffer, position: number): number {
  for (let tries = 1; ; tries++) {
    try {
      return readSync(fd, into, 0, into.length, position)
    } catch (error) {
      if (tries === TRIES) throw imageReadFault(path, error as Error)
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS)
    }
  }
}

/** The image file could not be read: neither its content nor the medium is to blame. */
export function imageReadFault(path: string, cause: Error): Fault {
  return new Fault('infrastructure/image-read', { expected: `to read ${path} to its end`, seen: cause.message, cause })
}
