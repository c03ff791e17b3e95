import { summary, type Summary } from './stats.ts'

export type Unit =
  'ms' | 's' | 'share' | 'MB/s' | 'MiB' | 'bytes' | 'cores' | 'lines/s' | 'pairs/s' | 'times' | 'answers'

/** What a figure may be at most, or must be at least: in its own unit, or as a multiple of its peer's. */
export type Target =
  | { readonly atMost: number }
  | { readonly atLeast: number }
  | { readonly ratioAtMost: number }
  | { readonly ratioAtLeast: number }

/** One figure of a benchmark, beside what it was measured against in the same run. */
export interface Row {
  readonly name: string
  readonly unit: Unit
  /** Null when it could not be measured; `why` says why. */
  readonly value: Summary | null
  readonly against: { readonly name: string; readonly value: Summary } | null
  readonly ratio: number | null
  readonly target: Target | null
  /** Null: no target, or nothing measured. */
  readonly met: boolean | null
  readonly why: string | null
}

interface Measured {
  readonly name: string
  readonly unit: Unit
  readonly values: readonly number[]
  readonly against?: { readonly name: string; readonly values: readonly number[] } | undefined
  readonly target?: Target
}

/** A figure that was measured, judged by the medians. */
export function measured({ name, unit, values, against, target }: Measured): Row {
  const value = summary(values)
  const peer = against && against.values.length > 0 ? { name: against.name, value: summary(against.values) } : null
  const ratio = peer && peer.value.median !== 0 ? value.median / peer.value.median : null
  const judged = target && judge(value.median, ratio, target)
  return { name, unit, value, against: peer, ratio, target: target ?? null, met: judged ?? null, why: null }
}

/** A figure that could not be measured here, and why. */
export function unmeasured(name: string, unit: Unit, why: string, target: Target | null = null): Row {
  return { name, unit, value: null, against: null, ratio: null, target, met: null, why }
}

function judge(value: number, ratio: number | null, target: Target): boolean | null {
  if ('atMost' in target) return value <= target.atMost
  if ('atLeast' in target) return value >= target.atLeast
  if (ratio === null) return null
  return 'ratioAtMost' in target ? ratio <= target.ratioAtMost : ratio >= target.ratioAtLeast
}
