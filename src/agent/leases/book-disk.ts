import { closeSync, fdatasync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { promisify } from 'node:util'

/** What a lease book asks of a disk, a step a call: a process may be killed, and a host lose its power, between any two. */
export interface BookDisk {
  /** How much room a new book gets behind what is in it. */
  readonly aheadBytes: number
  /** Errors: `ENOENT` and what else the system says. */
  read(path: string): string
  makeFolder(path: string): void
  /** A new, empty file. */
  create(path: string): number
  /**
   * Writes `bytes` from index `from` on into the host's memory, where they survive this process, and not a loss of power. How
   * many were written, which may be fewer than there were.
   */
  write(fd: number, bytes: Buffer, from: number, position: number): number
  /** Resolves when all that was written to a file before is on the disk; until then any sector of it may be there. */
  sync(fd: number): Promise<void>
  /** The same with its size, at once. */
  syncNow(fd: number): void
  rename(from: string, to: string): void
  /** A rename is on the disk when its folder is. */
  syncFolder(path: string): void
  close(fd: number): void
}

const fdatasyncAsync = promisify(fdatasync)

/** The host's own. */
export const hostDisk: BookDisk = {
  // Some 16,000 events.
  aheadBytes: 4 << 20,
  read: path => readFileSync(path, 'utf8'),
  makeFolder: path => void mkdirSync(path, { recursive: true }),
  create: path => openSync(path, 'w', 0o640),
  write: (fd, bytes, from, position) => writeSync(fd, bytes, from, bytes.length - from, position),
  sync: fd => fdatasyncAsync(fd),
  syncNow: fsyncSync,
  rename: renameSync,
  syncFolder: path => {
    const fd = openSync(path, 'r')
    try {
      fsyncSync(fd)
    } finally {
      closeSync(fd)
    }
  },
  close: closeSync,
}
