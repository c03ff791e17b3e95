import { systemRandom, type Random } from '../base/random.ts'
import type { Clock } from '../base/time.ts'

/** `20261122-154102-3f9a`: sorts by time, unique among the runs of a second. */
export function runId(clock: Clock, random: Random = systemRandom): string {
  const stamp = new Date(clock.nowMs()).toISOString().replaceAll(/[-:]/g, '').replace('T', '-').slice(0, 15)
  return `${stamp}-${random(2).toString('hex')}`
}
