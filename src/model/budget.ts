/** What a wait may take, and how that is known. */
export interface Budget {
  readonly limitMs: number
  /** Absent: too little is known, it is the ceiling. */
  readonly learned?: { readonly p99Ms: number; readonly runs: number; readonly ceilingMs: number }
}

/** Fewer runs say too little about the slowest of a hundred. */
const MIN_RUNS = 10
/** How much longer than its slowest boots a board is waited for. */
const MARGIN = 2

/**
 * How long to wait for something that took `timesMs` before: twice its 99th percentile, never less than the floor nor more
 * than the ceiling, and the ceiling itself while there are fewer than ten times.
 *
 * Limits: a floor above the ceiling is the ceiling. Times that are no times are left out.
 */
export function learnBudget(timesMs: readonly number[], floorMs: number, ceilingMs: number): Budget {
  const times = timesMs.filter(ms => Number.isFinite(ms) && ms >= 0)
  if (times.length < MIN_RUNS) return { limitMs: ceilingMs }
  const p99Ms = percentile(times, 99)
  const limitMs = Math.min(ceilingMs, Math.max(floorMs, Math.round(p99Ms * MARGIN)))
  return { limitMs, learned: { p99Ms, runs: times.length, ceilingMs } }
}

/** The smallest time that `percent` of some are not above. Of none: not a number. */
export function percentile(timesMs: readonly number[], percent: number): number {
  const sorted = timesMs.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil((sorted.length * percent) / 100) - 1)] ?? Number.NaN
}

/** Something takes another time than it used to. */
export interface Drift {
  readonly nowMs: number
  readonly wasMs: number
  /** How many runs it was so. */
  readonly runs: number
}

const LATEST = 3
const MAX_BEFORE = 30
/** What differs by less is noise. */
const LEAST_FACTOR = 1.5
const LEAST_MS = 2000

/**
 * Whether the latest three of some times, oldest first, are all unlike those before: half as much again or more, at least 2 s,
 * and beyond nine in ten of up to 30 before them. Fewer than ten before say nothing; one slow time is no drift.
 */
export function driftOf(timesMs: readonly number[]): Drift | null {
  const latest = timesMs.slice(-LATEST)
  const before = timesMs.slice(-LATEST - MAX_BEFORE, -LATEST)
  if (before.length < MIN_RUNS) return null
  const [nowMs, wasMs] = [percentile(latest, 50), percentile(before, 50)]
  const isSlower = Math.min(...latest) > percentile(before, 90) && nowMs >= wasMs * LEAST_FACTOR
  const isFaster = Math.max(...latest) < percentile(before, 10) && wasMs >= nowMs * LEAST_FACTOR
  if (Math.abs(nowMs - wasMs) < LEAST_MS || !(isSlower || isFaster)) return null
  return { nowMs, wasMs, runs: before.length }
}
