import { Fault } from '../../../base/fault.ts'
import type { RingMemory } from './ring.ts'
import { lifeOf } from './ring.ts'

/** A disk that resets itself again and again was seen to come back after minutes. */
export const STALL_LIMIT_MS = 300_000

const LOOKS_PER_LIMIT = 300

/**
 * Watches a flash from a thread that has no part in it: those that have may all hang in the kernel.
 *
 * `stalled` is told once, when nothing moved for the limit. Before the medium is opened nothing is watched.
 */
export function watchStall(memory: RingMemory, limitMs: number, stalled: (fault: Fault) => void): Disposable {
  let seen = ''
  let sinceMs = performance.now()
  const timer = setInterval(() => {
    const { at, marks, isGiven } = lifeOf(memory)
    const nowMs = performance.now()
    if (at === 'before' || marks !== seen) {
      seen = marks
      sinceMs = nowMs
    } else if (nowMs - sinceMs >= limitMs) {
      clearInterval(timer)
      stalled(at === 'decoding' && !isGiven ? noImage(limitMs) : noMedium(limitMs))
    }
  }, limitMs / LOOKS_PER_LIMIT)
  return { [Symbol.dispose]: () => clearInterval(timer) }
}

function noMedium(limitMs: number): Fault {
  return new Fault('infrastructure/flash-write', {
    expected: `the medium to take what it is given within ${limitMs / 1000} s`,
    seen: 'that nothing was written or read back for so long',
  })
}

function noImage(limitMs: number): Fault {
  return new Fault('infrastructure/image-read', {
    expected: `the image file to be read on within ${limitMs / 1000} s`,
    seen: 'that nothing came out of it for so long',
  })
}
