import { readFileSync } from 'node:fs'

/** What /proc counts processor time in, on every processor that Linux runs on. */
const TICK_MS = 10

/** The processor time of all children of this process that have ended. Source: proc_pid_stat(5), `cutime` and `cstime`. */
export function childCpuMs(): number {
  const text = readFileSync('/proc/self/stat', 'latin1')
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[13]) + Number(fields[14])) * TICK_MS
}

/** The most memory that the children that live now have taken so far, together. */
export function childPeakBytes(): number {
  const pids = readFileSync(`/proc/self/task/${process.pid}/children`, 'latin1').trim().split(' ')
  return pids.reduce((sum, pid) => sum + peakOf(pid), 0)
}

function peakOf(pid: string): number {
  try {
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? 0) * 1024
  } catch {
    return 0
  }
}
