import { constants } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { Fault } from '../../../base/fault.ts'
import { findProgram, mustRun } from '../../../base/program.ts'
import type { OpenMedium, Way } from './medium-io.ts'
import { checkOpened, type Target } from './target.ts'

const FILE_BLOCK_BYTES = 4096
/** To forget takes a disk no longer. */
const ZERO_LIMIT_MS = 30_000

/** A medium under our hands. Nobody else can mount it meanwhile. */
export interface Opened extends AsyncDisposable {
  readonly medium: OpenMedium
  sync(): Promise<void>
}

/**
 * Opens a medium past the host's memory (`O_DIRECT`), where the kernel can do that: what is read back comes from it.
 *
 * Where all of it is written, a file is emptied first, which makes all of it a hole, and a disk that can zero itself is
 * told to, as far as the image reaches. `begins` is told before any of that, once what was opened is what was looked at.
 * Errors: `infrastructure/flash-write`, `infrastructure/media`.
 */
export async function openTarget(
  target: Target,
  way: Way,
  imageBytes: number | undefined,
  { signal, begins }: { signal: AbortSignal; begins: () => void },
): Promise<Opened> {
  const { file, isDirect } = await openDirect(target, way === 'verify' ? constants.O_RDONLY : constants.O_RDWR)
  const isEmptied = target.kind === 'file' && way === 'full'
  let isZeroed = false
  try {
    await checkOpened(target, file)
    if (way !== 'verify') begins()
    if (isEmptied) await empty(file, target)
    else if (way === 'full' && target.device?.zeroes) isZeroed = await zeroOut(target, file, imageBytes, signal)
  } catch (error) {
    await file.close()
    throw error
  }
  const { path, sizeBytes } = target
  const alignBytes = isDirect ? (target.device?.sectorBytes ?? FILE_BLOCK_BYTES) : 1
  const zeros = isEmptied ? 'trust' : isZeroed ? 'sample' : 'look'
  return {
    medium: { fd: file.fd, path, sizeBytes, alignBytes, zeros },
    sync: () => file.sync(),
    [Symbol.asyncDispose]: () => file.close(),
  }
}

async function openDirect(target: Target, flags: number): Promise<{ file: FileHandle; isDirect: boolean }> {
  const exclusive = target.kind === 'device' ? constants.O_EXCL : 0
  // The last bytes of a file of odd size could not be read or written directly.
  if (target.kind === 'device' || target.sizeBytes % FILE_BLOCK_BYTES === 0) {
    const file = await open(target.path, flags | exclusive | constants.O_DIRECT).catch(
      (error: NodeJS.ErrnoException) => {
        if (error.code !== 'EINVAL') throw cannotOpen(target, error)
      },
    )
    if (file) return { file, isDirect: true }
  }
  const file = await open(target.path, flags | exclusive).catch((error: Error) => {
    throw cannotOpen(target, error)
  })
  return { file, isDirect: false }
}

async function empty(file: FileHandle, target: Target): Promise<void> {
  try {
    await file.truncate(0)
    await file.truncate(target.sizeBytes)
  } catch (error) {
    throw cannotOpen(target, error as Error)
  }
}

/**
 * Has the kernel zero a disk by letting go of its blocks, which reads as zeros once it said that it did (a plain discard
 * promises nothing). Whether it did, as far as the image reaches; samples of it are read nevertheless.
 *
 * A hole and not the ioctl `BLKZEROOUT`: for a disk that cannot zero itself after all, that one writes the zeros, where
 * this one fails at once. By what is open, not by its name.
 * Source: https://man7.org/linux/man-pages/man2/fallocate.2.html, `blkdev_fallocate` in Linux's block/fops.c.
 */
async function zeroOut(
  target: Target,
  file: FileHandle,
  imageBytes: number | undefined,
  signal: AbortSignal,
): Promise<boolean> {
  const program = findProgram('fallocate')
  if (program === undefined || imageBytes === undefined) return false
  const sector = target.device?.sectorBytes ?? 512
  const length = Math.ceil(imageBytes / sector) * sector
  try {
    const path = `/proc/${process.pid}/fd/${file.fd}`
    await mustRun([program, '--punch-hole', '--length', String(length), path], {
      code: 'infrastructure/flash-write',
      limitMs: ZERO_LIMIT_MS,
      signal,
    })
    return true
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof Fault)) throw error
    return false
  }
}

function cannotOpen(target: Target, cause: NodeJS.ErrnoException): Fault {
  return new Fault('infrastructure/flash-write', {
    expected: `to open ${target.path} for writing`,
    seen: cause.code === 'EBUSY' ? 'it is in use: mounted, or held by another program' : cause.message,
    cause,
  })
}
