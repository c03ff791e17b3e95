import { readlinkSync } from 'node:fs'
import { setPriority } from 'node:os'

/**
 * Lets the decoder go first wherever threads are more than processors: everybody else of a flash waits for what it decodes,
 * and it waits for them only when the ring is full. Little, since whatever else this host does goes first then too.
 */
const NICE = 5

/** Lowers the priority of the thread that calls it. Source: sched(7), setpriority(2): on Linux each thread has its own. */
export function stepBack(): void {
  try {
    const thread = /\d+$/.exec(readlinkSync('/proc/thread-self'))?.[0]
    if (thread !== undefined) setPriority(Number(thread), NICE)
  } catch {
    // Then it is only slower.
  }
}
