import { constants } from 'node:fs'
import { open, readFile, stat, type FileHandle } from 'node:fs/promises'
import { Fault } from '../../../base/fault.ts'

/** A medium, looked at before it is written. */
export interface Target {
  readonly path: string
  readonly kind: 'block' | 'file'
  readonly sizeBytes: number
}

/** Looks at a medium. Errors: `infrastructure/media` for what is none. */
export async function lookAt(path: string): Promise<Target> {
  const found = await stat(path).catch((error: Error) => {
    throw noMedium(path, error.message)
  })
  if (found.isFile()) return { path, kind: 'file', sizeBytes: found.size }
  if (!found.isBlockDevice()) throw noMedium(path, 'neither a block device nor a file')
  return { path, kind: 'block', sizeBytes: await deviceSize(path, found.rdev) }
}

/** Opens a medium to be written from its start. A block device is refused while anything of it is mounted (`O_EXCL`). */
export async function openForWriting(target: Target): Promise<FileHandle> {
  const exclusive = target.kind === 'block' ? constants.O_EXCL : 0
  try {
    return await open(target.path, constants.O_WRONLY | exclusive)
  } catch (error) {
    const mounted = (error as NodeJS.ErrnoException).code === 'EBUSY'
    throw new Fault('infrastructure/flash-write', {
      expected: `to open ${target.path} for writing`,
      seen: mounted
        ? 'it is in use: a partition of it is mounted, or another program holds it'
        : (error as Error).message,
      cause: error,
    })
  }
}

/**
 * Opens a medium to be read from the hardware and not from the host's memory, where the kernel can do that; reads must
 * be aligned then. It also spares the host a page of memory, and the zeroing of it, for every hole in a file.
 */
export async function openForReading(target: Target): Promise<FileHandle> {
  const direct = await open(target.path, constants.O_RDONLY | constants.O_DIRECT).catch(() => undefined)
  return direct ?? (await open(target.path, 'r'))
}

/** Linux counts the size of every block device in sectors of 512 bytes. */
async function deviceSize(path: string, rdev: number): Promise<number> {
  const major = (rdev >> 8) & 0xfff
  const minor = (rdev & 0xff) | ((rdev >> 12) & 0xfff00)
  try {
    return Number(await readFile(`/sys/dev/block/${major}:${minor}/size`, 'utf8')) * 512
  } catch (error) {
    throw noMedium(path, `its size cannot be read (${(error as Error).message})`)
  }
}

function noMedium(path: string, seen: string): Fault {
  return new Fault('infrastructure/media', { expected: `a boot medium at ${path}`, seen })
}
