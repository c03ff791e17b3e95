import { type FileHandle, realpath, stat } from 'node:fs/promises'
import type { Stats } from 'node:fs'
import { humanSize } from '../../../base/text.ts'
import { Fault, type FaultReport } from '../../../base/fault.ts'
import type { Medium } from '../../../controls/media.ts'
import { type BlockDevice, describeDevice, KERNEL_FILES, type KernelFiles } from './block-device.ts'

/** A medium that was looked at and may be written. */
export interface Target {
  /** As it was named, so that a name that moves to another disk is noticed. */
  readonly named: string
  /** The device behind the name. */
  readonly path: string
  readonly kind: Medium['kind']
  readonly rdev: number
  readonly sizeBytes: number
  readonly device?: BlockDevice
}

/** What is printed on a medium is rounded, and a part of it is spare. */
const SIZE_TOLERANCE = 0.1

/**
 * Looks at a medium and refuses whatever could be the wrong one: a regular file in place of a disk, a partition, a disk
 * with another serial number or size, and anything this host uses itself.
 *
 * Errors: `infrastructure/media`; nothing was written.
 */
export async function lookAt(medium: Medium, files = KERNEL_FILES): Promise<Target> {
  const refuse = refusalOf(medium.path)
  const { found, path } = await resolve(medium.path, refuse)
  if (medium.kind === 'file') {
    if (!found.isFile()) throw refuse('a regular file, the disk of a virtual board', kindOf(found))
    return { named: medium.path, path, kind: 'file', rdev: 0, sizeBytes: found.size }
  }
  if (!found.isBlockDevice())
    throw refuse('a block device', kindOf(found), {
      ...(found.isFile() && {
        next: `remove ${medium.path}: something wrote an image there while no medium was connected`,
      }),
    })
  const device = describeDevice(found.rdev, files)
  if (!device) throw refuse('a block device that the kernel describes', 'nothing about it in /sys')
  if (device.isPartition)
    throw refuse('a whole disk', `${device.name}, a partition`, { next: 'name the disk in the bench file' })
  if (device.sizeBytes === 0) throw refuse('a medium', `${device.name}, a reader with no card in it`)
  if (device.isReadOnly)
    throw refuse('a medium that can be written', 'a write-protected one', {
      next: 'slide its lock switch, or replace it',
    })
  checkIdentity(medium, device, refuse)
  if (device.users.length > 0)
    throw refuse('a medium that nobody uses', device.users[0]!, {
      evidence: device.users,
      next: 'unmount it (and switch off automatic mounting on this host), or correct the bench file if this is not the medium',
    })
  return { named: medium.path, path, kind: 'device', rdev: found.rdev, sizeBytes: device.sizeBytes, device }
}

/**
 * Whether what was opened is the disk that was looked at: its name may have gone to another one in between. As long as
 * it is open the kernel gives its number to no other. Errors: `infrastructure/media`.
 */
export async function checkOpened(target: Target, file: FileHandle, files = KERNEL_FILES): Promise<void> {
  if (target.kind === 'file' || isSame(target, (await file.stat()).rdev, files)) return
  throw refusalOf(target.named)('the disk that was looked at', 'another disk; nothing was written', {
    next: 'check its cable and who else switches it: it was reconnected right now; flash it again',
  })
}

/** Whether the name still leads to the disk that was looked at. Errors: `infrastructure/media`. */
export async function checkSame(target: Target, files = KERNEL_FILES): Promise<void> {
  if (target.kind === 'file') return
  const found = await stat(target.named).catch(() => undefined)
  if (found && isSame(target, found.rdev, files)) return
  throw refusalOf(target.named)('the disk that was written', found ? 'another disk' : 'nothing', {
    next: 'check its cable and who else switches it: it was reconnected while it was flashed; flash it again',
  })
}

function isSame(target: Target, rdev: number, files: KernelFiles): boolean {
  return rdev === target.rdev && describeDevice(rdev, files)?.sequence === target.device?.sequence
}

function checkIdentity(medium: Medium, device: BlockDevice, refuse: Refuse): void {
  const next = 'correct serial or size in the bench file, or plug the right medium in; nothing was written'
  if (medium.serial !== undefined && !device.serials.includes(medium.serial))
    throw refuse(
      `the disk with serial number ${medium.serial}`,
      device.serials.join(', ') || 'a disk that reports none',
      { next },
    )
  if (medium.sizeBytes === undefined) return
  if (Math.abs(device.sizeBytes / medium.sizeBytes - 1) <= SIZE_TOLERANCE) return
  throw refuse(`a disk of ${humanSize(medium.sizeBytes)}`, `one of ${humanSize(device.sizeBytes)}`, { next })
}

async function resolve(named: string, refuse: Refuse): Promise<{ found: Stats; path: string }> {
  try {
    const path = await realpath(named)
    return { found: await stat(path), path }
  } catch (error) {
    throw refuse('a boot medium', (error as Error).message)
  }
}

type Refuse = (expected: string, seen: string, more?: Pick<FaultReport, 'next' | 'evidence'>) => Fault

function refusalOf(path: string): Refuse {
  return (expected, seen, more) =>
    new Fault('infrastructure/media', { expected: `${path} to be ${expected}`, seen, ...more })
}

function kindOf(found: Stats): string {
  if (found.isFile()) return 'a regular file'
  if (found.isBlockDevice()) return 'a block device'
  return found.isDirectory() ? 'a folder' : 'neither a block device nor a file'
}
