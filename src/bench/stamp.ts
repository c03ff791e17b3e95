import { constants } from 'node:fs'
import { open, stat, type FileHandle } from 'node:fs/promises'
import { blockDeviceBytes, diskId, diskSequence } from '../base/block-device.ts'
import { Fault } from '../base/fault.ts'
import { systemRandom, type Random } from '../base/random.ts'
import type { Medium } from '../controls/media.ts'
import type { FlashProof } from '../model/event.ts'
import type { FlashedMedium } from '../model/running.ts'
import { STAMP_SECTORS_FROM_END, STAMP_TEXT } from '../model/stamp.ts'

const SECTOR_BYTES = 512

/**
 * Stamps a medium that was just flashed and is still this host's, so that the board's disks can be told apart after the
 * boot. Behind the image only: what was proven stays as it is.
 *
 * Errors: `infrastructure/flash-write`; `infrastructure/media` where the name leads to another disk by now.
 */
export async function stampMedium(
  medium: Medium,
  { imageBytes, disk }: Flashed,
  random: Random = systemRandom,
): Promise<FlashedMedium> {
  const flash = newFlash('medium', random)
  const serial = medium.serial === undefined ? {} : { serial: medium.serial }
  const { path } = medium
  await using file = await openAlone(path)
  await checkSame(path, file, disk)
  const sizeBytes = await sizeOf(file)
  const at = (Math.floor(sizeBytes / SECTOR_BYTES) - STAMP_SECTORS_FROM_END) * SECTOR_BYTES
  // An image as large as its medium leaves no room: it is then recognised by the other things.
  const stamped = at >= imageBytes
  if (stamped) await write(file, at, flash.id).catch(cannot(`mark ${path} as flashed, at byte ${at}`))
  return { ...flash, stamped, sizeBytes, ...serial }
}

type Flashed = Pick<FlashProof, 'imageBytes' | 'disk'>

/** A flash that left no stamp: it is recognised by its marker in the system that runs, and by where that runs from. */
export function newFlash(boots: FlashedMedium['boots'], random: Random = systemRandom): FlashedMedium {
  return { id: random(8).toString('hex'), stamped: false, boots }
}

/** As long as a disk is open nobody mounts it, and the kernel gives its number to no other. */
async function openAlone(path: string): Promise<FileHandle> {
  const exclusive = (await stat(path).catch(cannot(`find ${path}`))).isBlockDevice() ? constants.O_EXCL : 0
  return open(path, constants.O_RDWR | exclusive).catch(cannot(`open ${path}, to mark it as flashed`))
}

async function checkSame(path: string, file: FileHandle, disk: string | undefined): Promise<void> {
  if (disk === undefined) return
  const { rdev } = await file.stat()
  const seen = diskId(rdev, await diskSequence(rdev))
  if (seen === disk) return
  throw new Fault('infrastructure/media', {
    expected: `${path} to be the disk that was flashed (${disk})`,
    seen: `another disk (${seen}), which was not marked`,
    next: 'check its cable and who else switches it: it was reconnected after it was flashed; flash it again',
  })
}

async function write(file: FileHandle, at: number, id: string): Promise<void> {
  await file.write(Buffer.from(`${STAMP_TEXT}${id}\n`.padEnd(SECTOR_BYTES, '\0')), 0, SECTOR_BYTES, at)
  await file.datasync()
}

function cannot(expected: string): (cause: NodeJS.ErrnoException) => never {
  return cause => {
    throw new Fault('infrastructure/flash-write', {
      expected: `to ${expected}`,
      seen: cause.code === 'EBUSY' ? 'it is in use: mounted, or held by another program' : cause.message,
      cause,
    })
  }
}

/** A block device has no size of its own for `stat`. */
async function sizeOf(file: FileHandle): Promise<number> {
  const found = await file.stat()
  return found.isBlockDevice() ? blockDeviceBytes(found.rdev) : found.size
}
