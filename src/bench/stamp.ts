import { randomBytes } from 'node:crypto'
import { open, stat } from 'node:fs/promises'
import { blockDeviceBytes } from '../base/block-device.ts'
import { Fault } from '../base/fault.ts'
import type { Medium } from '../controls/media.ts'
import type { FlashedMedium } from '../model/running.ts'
import { STAMP_SECTORS_FROM_END, STAMP_TEXT } from '../model/stamp.ts'

const SECTOR_BYTES = 512

/**
 * Stamps a medium that was just flashed and is still this host's, so that the board's disks can be told apart after the
 * boot. Behind the image only: what was proven stays as it is. Errors: `infrastructure/flash-write`.
 */
export async function stampMedium(medium: Medium, imageBytes: number): Promise<FlashedMedium> {
  const flash = newFlash('medium')
  const serial = medium.serial === undefined ? {} : { serial: medium.serial }
  const sizeBytes = await sizeOf(medium.path)
  const at = (Math.floor(sizeBytes / SECTOR_BYTES) - STAMP_SECTORS_FROM_END) * SECTOR_BYTES
  // An image as large as its medium leaves no room: it is then recognised by the other things.
  const stamped = at >= imageBytes
  if (stamped) await write(medium.path, at, flash.id)
  return { ...flash, stamped, sizeBytes, ...serial }
}

/** A flash that left no stamp: it is recognised by its marker in the system that runs, and by where that runs from. */
export function newFlash(boots: FlashedMedium['boots']): FlashedMedium {
  return { id: randomBytes(8).toString('hex'), stamped: false, boots }
}

async function write(path: string, at: number, id: string): Promise<void> {
  try {
    await using file = await open(path, 'r+')
    await file.write(Buffer.from(`${STAMP_TEXT}${id}\n`.padEnd(SECTOR_BYTES, '\0')), 0, SECTOR_BYTES, at)
    await file.datasync()
  } catch (cause) {
    throw new Fault('infrastructure/flash-write', {
      expected: `to mark ${path} as flashed, at byte ${at}`,
      seen: (cause as Error).message,
      cause,
    })
  }
}

/** A block device has no size of its own for `stat`. */
async function sizeOf(path: string): Promise<number> {
  const found = await stat(path)
  return found.isBlockDevice() ? blockDeviceBytes(found.rdev) : found.size
}
