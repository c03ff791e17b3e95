import { renameSync, writeFileSync } from 'node:fs'
import { keptOnDisk } from './disk.ts'

/**
 * Writes a file so that whoever reads it, also after a kill, sees all of the old text or all of the new. Errors:
 * `infrastructure/disk-full`.
 */
export function replaceFile(path: string, text: string): void {
  keptOnDisk(() => {
    writeFileSync(`${path}.new`, text)
    renameSync(`${path}.new`, path)
  })
}
