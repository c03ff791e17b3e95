import { overlapMs, type Span } from '../lib/standstill.ts'

/** A pair of calls, times on this host's monotonic clock: how long it was from asking to having, and which board was had when. */
export type Row = [waitMs: number, board: number, epoch: number, fromNs: number, toNs: number]

/** What a load of clients saw. */
export interface Seen {
  readonly rows: readonly Row[]
  readonly seconds: number
}

/** Rows as they come from a process, one behind the other. */
export function rowsOf(numbers: Float64Array): Row[] {
  return Array.from({ length: numbers.length / 5 }, (_, n) => [...numbers.subarray(5 * n, 5 * n + 5)] as Row)
}

/** What is kept of a run: what else was seen in it would be collected, by a process of many threads, while the next is measured. */
export interface Busy {
  readonly pairs: number
  readonly seconds: number
  readonly meanMs: number
  readonly longestMs: number
  /** The longest wait in means of all, each without the time in which this host stood still. */
  readonly longestInMeans: number
  /** The longest time for which this host stood still meanwhile, and all such times. */
  readonly longestStandstillMs: number
  readonly allStandstillsMs: number
  readonly double: number
}

/** Sums a run up. `standstills`: when this host stood still; those that are not of this run count for nothing. */
export function busy({ rows, seconds }: Seen, standstills: readonly Span[]): Busy {
  const waitsMs = rows.map(([waitMs]) => waitMs)
  const waited: Span[] = rows.map(([waitMs, , , fromNs]) => [fromNs - waitMs * 1e6, fromNs])
  const run: Span = [
    waited.reduce((least, [askedNs]) => Math.min(least, askedNs), Infinity),
    longest(rows.map(([, , , , toNs]) => toNs)),
  ]
  const stoodMs = standstills.map(span => overlapMs([span], run))
  const ownMs = waited.map((span, n) => waitsMs[n]! - overlapMs(standstills, span))
  return {
    pairs: rows.length,
    seconds,
    meanMs: mean(waitsMs),
    longestMs: longest(waitsMs),
    longestInMeans: longest(ownMs) / mean(ownMs),
    longestStandstillMs: longest(stoodMs),
    allStandstillsMs: stoodMs.reduce((sum, ms) => sum + ms, 0),
    double: doubleOwners(rows),
  }
}

/** How often two had one board at one time, or one number was given twice: must be never. */
function doubleOwners(rows: readonly Row[]): number {
  const byBoard = Map.groupBy(rows, ([, board]) => board)
  let double = 0
  for (const leases of byBoard.values()) {
    leases.sort((a, b) => a[3] - b[3])
    for (let n = 1; n < leases.length; n++)
      if (leases[n]![3] < leases[n - 1]![4] || leases[n]![2] <= leases[n - 1]![2]) double++
  }
  return double
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

export function longest(values: readonly number[]): number {
  return values.reduce((a, b) => Math.max(a, b), 0)
}
