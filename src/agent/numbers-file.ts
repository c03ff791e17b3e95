import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { diskFault } from '../base/disk.ts'
import { replaceFile } from '../base/replace-file.ts'

/** The number of a board's last lease on this host; 0: it had none. */
export function lastEpoch(stateDir: string): number {
  return read(stateDir, 'epoch') ?? 0
}

/** Counts a board's leases on this host for good. Only called by whoever has the board. Errors: a disk that cannot keep it. */
export function keepEpoch(stateDir: string, epoch: number): void {
  // It may have been put away, or left, under the same number before.
  if ((read(stateDir, 'closed') ?? epoch) >= epoch) keep(stateDir, 'closed', epoch - 1)
  keep(stateDir, 'epoch', epoch)
}

/** The board of this lease is open now: whoever has it may switch it on. Errors: a disk that cannot keep it. */
export function keepOpened(stateDir: string, epoch: number): void {
  keep(stateDir, 'opened', epoch)
}

/** Whether the board of a lease was open, also if it has been put away since. */
export function wasOpened(stateDir: string, epoch: number): boolean {
  return read(stateDir, 'opened') === epoch
}

/** The board of its last lease was put away, or left as that wanted. Never throws: then it is put away once more. */
export function keepClosed(stateDir: string): void {
  try {
    keep(stateDir, 'closed', lastEpoch(stateDir))
  } catch {
    // A disk that is full says so elsewhere.
  }
}

/** Whether whoever had a board last was cut short before it was put away. */
export function wasCutShort(stateDir: string): boolean {
  const closed = read(stateDir, 'closed')
  return closed !== undefined && closed < lastEpoch(stateDir)
}

function read(stateDir: string, name: string): number | undefined {
  try {
    return Number(readFileSync(join(stateDir, name), 'utf8')) || 0
  } catch {
    return undefined
  }
}

function keep(stateDir: string, name: string, epoch: number): void {
  try {
    mkdirSync(stateDir, { recursive: true })
    replaceFile(join(stateDir, name), String(epoch))
  } catch (cause) {
    throw diskFault(cause)
  }
}
