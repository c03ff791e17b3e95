import { chmodSync, chownSync, mkdirSync } from 'node:fs'
import { keptOnDisk } from '../base/disk.ts'

/**
 * Makes folders the group's, and what will be made in them too: what is known of a board is written by whoever runs something on
 * it. One that belongs to somebody else stays as they have it. Errors: `infrastructure/disk-full` for one that cannot be made.
 */
export function shareFolders(folders: readonly string[], groupId: number): void {
  for (const folder of folders) {
    keptOnDisk(() => mkdirSync(folder, { recursive: true }))
    try {
      chownSync(folder, -1, groupId)
      chmodSync(folder, 0o2775)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EPERM') throw error
    }
  }
}
