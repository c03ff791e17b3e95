import {
  closeSync,
  constants,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  write,
  writeSync,
} from 'node:fs'
import { promisify } from 'node:util'

/** What a lease book asks of a disk, a step a call: a process may be killed, and a host lose its power, between any two. */
export interface BookDisk {
  /** How much room a new book gets behind what is in it. */
  readonly aheadBytes: number
  /** Errors: `ENOENT` and what else the system says. */
  read(path: string): string
  makeFolder(path: string): void
  /** A new, empty file: each write of it returns when it is on the disk. */
  create(path: string): number
  /** How many bytes were written, which may be fewer than there were. */
  writeNow(fd: number, bytes: Buffer, from: number): number
  write(fd: number, bytes: Buffer, from: number, position: number): Promise<number>
  sync(fd: number): void
  rename(from: string, to: string): void
  /** A rename is on the disk when its folder is. */
  syncFolder(path: string): void
  close(fd: number): void
}

/** One call of another thread, which must be woken for it, and not two. */
const SYNCED = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_DSYNC

const writeAsync = promisify(write)

/** The host's own. */
export const hostDisk: BookDisk = {
  // Some 4000 events.
  aheadBytes: 1 << 20,
  read: path => readFileSync(path, 'utf8'),
  makeFolder: path => void mkdirSync(path, { recursive: true }),
  create: path => openSync(path, SYNCED, 0o640),
  writeNow: (fd, bytes, from) => writeSync(fd, bytes, from),
  write: async (fd, bytes, from, position) =>
    (await writeAsync(fd, bytes, from, bytes.length - from, position)).bytesWritten,
  sync: fsyncSync,
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
