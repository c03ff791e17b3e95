import { readFileSync } from 'node:fs'
import type { Clock } from '../../../base/time.ts'

/**
 * The process a pid file speaks of, if it still is that one: its command line must hold `mark`.
 *
 * A pid alone proves nothing, numbers are used again. A zombie has no command line and counts as gone.
 */
export function livePid(pidFile: string, mark: string): number | undefined {
  try {
    const pid = Number(readFileSync(pidFile, 'utf8').trim())
    return Number.isInteger(pid) && pid > 1 && isProcess(pid, mark) ? pid : undefined
  } catch {
    return undefined
  }
}

/** Resolves to whether the process ended in time. */
export async function hasEnded(pid: number, mark: string, limitMs: number, clock: Clock): Promise<boolean> {
  const end = clock.ticksMs() + limitMs
  while (isProcess(pid, mark)) {
    if (clock.ticksMs() >= end) return false
    await clock.sleep(5)
  }
  return true
}

/** Sends a signal to a process, or to a whole group when `pid` is negative; that it is gone already is no error. */
export function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

function isProcess(pid: number, mark: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(mark)
  } catch {
    return false
  }
}
