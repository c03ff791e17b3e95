import { randomBytes } from 'node:crypto'
import type { Clock } from '../base/time.ts'

/** `20261122-154102-3f9a`: sorts by time, unique among the runs of a second. */
export function runId(clock: Clock): string {
  const stamp = new Date(clock.nowMs()).toISOString().replaceAll(/[-:]/g, '').replace('T', '-').slice(0, 15)
  return `${stamp}-${randomBytes(2).toString('hex')}`
}
