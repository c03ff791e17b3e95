import { accessSync, constants } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const MEMORY = '/dev/shm'

/** A folder for this process' simulation: in memory where that can be, since a disk would be waited for. */
export function simFolder(): string {
  return join(isWritable(MEMORY) ? MEMORY : tmpdir(), `hil-sim-${process.getuid?.() ?? 0}-${process.pid}`)
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK)
    return true
  } catch {
    return false
  }
}
