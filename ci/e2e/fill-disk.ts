import { statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Leaves not one block. */
export function fillDisk(folder: string): void {
  const { bavail, bsize } = statfsSync(folder)
  try {
    writeFileSync(join(folder, 'filler'), Buffer.alloc(bavail * bsize))
  } catch (error) {
    // Whoever records meanwhile may have taken the last block first.
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
  }
}
