/** How often something happened, and between which shares the true rate lies with 95 % confidence. */
export interface Rate {
  readonly hits: number
  readonly of: number
  /** `hits / of`; null of nothing. */
  readonly share: number | null
  readonly low: number
  readonly high: number
}

/** The two-sided 95 % quantile of the normal distribution. */
const Z = 1.959_963_984_540_054

/**
 * A rate with its Wilson score interval: unlike the textbook one it stays within 0 and 1, and is honest about few trials.
 *
 * Source: E. B. Wilson, Journal of the American Statistical Association 22 (1927), 209–212. Limits: of nothing, [0, 1].
 */
export function rateOf(hits: number, of: number): Rate {
  if (of === 0) return { hits, of, share: null, low: 0, high: 1 }
  const share = hits / of
  const z2 = Z * Z
  const middle = (share + z2 / (2 * of)) / (1 + z2 / of)
  const reach = (Z / (1 + z2 / of)) * Math.sqrt((share * (1 - share)) / of + z2 / (4 * of * of))
  // At the ends rounding would leave the interval just beside the rate itself.
  return {
    hits,
    of,
    share,
    low: hits === 0 ? 0 : Math.max(0, middle - reach),
    high: hits === of ? 1 : Math.min(1, middle + reach),
  }
}

/** `7 of 9 (78 %, 95 % interval 45–94 %)`. */
export function describeRate({ hits, of, share, low, high }: Rate): string {
  if (share === null) return 'never'
  return `${hits} of ${of} (${percent(share)} %, 95 % interval ${percent(low)}–${percent(high)} %)`
}

function percent(share: number): number {
  return Math.round(share * 100)
}
