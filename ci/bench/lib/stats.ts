/** The middle of some measurements; of an even number the lower of the two, so that it is one that was measured. */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new Error('nothing was measured')
  return [...values].sort((a, b) => a - b)[(values.length - 1) >> 1]!
}

/** What a row says of some measurements: the median, and how far they lay apart. */
export interface Summary {
  readonly median: number
  readonly min: number
  readonly max: number
  readonly count: number
}

/** Sums measurements up. */
export function summary(values: readonly number[]): Summary {
  return { median: median(values), min: Math.min(...values), max: Math.max(...values), count: values.length }
}
