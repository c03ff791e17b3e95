import { readdirSync, readFileSync } from 'node:fs'

const NS_PER_MS = 1_000_000

/**
 * How long the thread of a process that waited most has stood in a queue for a processor; 0 where the kernel does not say.
 *
 * Source: https://docs.kernel.org/scheduler/sched-stats.html, the second number of `/proc/<pid>/schedstat`.
 */
export function starvedMs(pid: number): number {
  try {
    const waits = readdirSync(`/proc/${pid}/task`).map(task => waitedNs(`/proc/${pid}/task/${task}/schedstat`))
    return Math.max(0, ...waits) / NS_PER_MS
  } catch {
    return 0
  }
}

function waitedNs(path: string): number {
  try {
    return Number(readFileSync(path, 'latin1').split(' ')[1] ?? 0)
  } catch {
    // A thread that has just ended.
    return 0
  }
}
