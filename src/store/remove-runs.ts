import { existsSync, lstatSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'

const GOING = '.going-'

/**
 * Removes a run folder so that it is there whole or not at all: it is first renamed to something that no longer counts as
 * a run. A removal that was cut short is finished by `finishRemovals`.
 */
export function removeRun(runsFolder: string, run: string): void {
  const going = join(runsFolder, `${GOING}${run}`)
  try {
    renameSync(join(runsFolder, run), going)
  } catch (error) {
    // Somebody else was faster.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  rmSync(going, { recursive: true, force: true })
}

/** Folders whose removal began and was cut short. */
export function unfinishedRemovals(runsFolder: string): string[] {
  if (!existsSync(runsFolder)) return []
  return readdirSync(runsFolder)
    .filter(name => name.startsWith(GOING))
    .map(name => join(runsFolder, name))
}

/** The room that a file or folder takes on the disk, in bytes; what vanishes meanwhile takes none. */
export function diskBytes(path: string): number {
  try {
    const stat = lstatSync(path)
    const own = stat.blocks * 512
    if (!stat.isDirectory()) return own
    return readdirSync(path).reduce((sum, name) => sum + diskBytes(join(path, name)), own)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0
    throw error
  }
}
