import { readdirSync, readFileSync } from 'node:fs'
import type { Clock } from '../../../base/time.ts'

/**
 * The process a pid file speaks of, if it still is that one: its command line must hold `mark`.
 *
 * A pid alone proves nothing, numbers are used again. A zombie has no command line and counts as gone.
 */
export function livePid(pidFile: string, mark: string): number | undefined {
  try {
    const pid = Number(readFileSync(pidFile, 'utf8').trim())
    return Number.isInteger(pid) && pid > 1 && commandOf(pid)?.includes(mark) ? pid : undefined
  } catch {
    return undefined
  }
}

/**
 * Resolves to whether the process ended in time, with all it held (locks, ports) given back.
 *
 * The kernel takes away the command line first and the open files later: a QEMU started in between finds the disk
 * locked. Only a zombie without any other thread, or no process at all, holds nothing any more.
 */
export async function hasEnded(pid: number, mark: string, limitMs: number, clock: Clock): Promise<boolean> {
  const end = clock.ticksMs() + limitMs
  while (holdsSomething(pid, mark)) {
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

function holdsSomething(pid: number, mark: string): boolean {
  const command = commandOf(pid)
  if (command === undefined) return false
  // Another program got the number.
  if (command !== '' && !command.includes(mark)) return false
  return command !== '' || !isEmptyZombie(pid)
}

function isEmptyZombie(pid: number): boolean {
  try {
    const state = /\) ([A-Za-z]) /.exec(readFileSync(`/proc/${pid}/stat`, 'latin1'))?.[1]
    return (state === 'Z' || state === 'X') && readdirSync(`/proc/${pid}/task`).length <= 1
  } catch {
    return true
  }
}

/** Empty for a process that is ending or a zombie; undefined where there is none. */
function commandOf(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return undefined
  }
}
