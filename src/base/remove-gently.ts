import { open, unlink } from 'node:fs/promises'

/** Some file systems tell their disk of all the room they get back before they go on, and the disk does nothing else meanwhile. */
const STEP_BYTES = 4 << 20

/** Removes a large file piece by piece, so that nobody waits long who writes another meanwhile; none is none. Errors: what the system says. */
export async function removeGently(path: string): Promise<void> {
  try {
    await using file = await open(path, 'r+')
    for (let { size } = await file.stat(); size > STEP_BYTES;) await file.truncate((size -= STEP_BYTES))
    await unlink(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}
