import type { ReleaseQuestion } from './release.ts'
import type { BootFact, FlashFact, RunFacts } from '../../model/run-facts.ts'

/** How long boards of one type took to boot, or to be flashed, in two releases. */
export interface Trend {
  readonly kind: 'boot' | 'flash'
  readonly type: string
  readonly twin: boolean
  /** Oldest first. */
  readonly points: readonly TrendPoint[]
  readonly now?: Spread
  readonly before?: Spread
}

export interface TrendPoint {
  readonly at: string
  readonly ms: number
  readonly line: string
  readonly run: string
  readonly board: string
}

/** Median and range of some durations. */
export interface Spread {
  readonly n: number
  readonly medianMs: number
  readonly leastMs: number
  readonly mostMs: number
}

/**
 * The times of all boots and full flashes of two lines' images, one trend for each board type in the order of `types`, twins apart.
 *
 * Limits: flashes that wrote only what differed, or only compared, are left out: their time says how alike two images are.
 */
export function trendsOf(
  runs: readonly RunFacts[],
  types: readonly string[],
  { to, from, asOf }: ReleaseQuestion,
): Trend[] {
  const boots = runs.flatMap(run => run.boots).map(fact => ({ kind: 'boot' as const, fact }))
  const flashes = runs.flatMap(run => run.flashes).filter(({ mode }) => mode === 'full')
  const lines = [to, ...(from === undefined ? [] : [from])]
  const timed = [...boots, ...flashes.map(fact => ({ kind: 'flash' as const, fact }))].filter(
    ({ fact }) => lines.includes(lineOf(fact)) && Date.parse(fact.at) <= Date.parse(asOf),
  )
  const groups = Map.groupBy(timed, ({ kind, fact }) =>
    [kind, Number(fact.twin), 100 + types.indexOf(fact.type), fact.type].join(' '),
  )
  return [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, group]) => {
      const { kind, fact } = group[0]!
      const points = group.map(({ fact }) => pointOf(fact)).sort(byTime)
      const now = spreadOf(points.filter(point => point.line === to))
      const before = spreadOf(points.filter(point => point.line !== to))
      return { kind, type: fact.type, twin: fact.twin, points, ...(now && { now }), ...(before && { before }) }
    })
}

function pointOf(fact: BootFact | FlashFact): TrendPoint {
  const { at, durationMs, run, board } = fact
  return { at, ms: durationMs, line: lineOf(fact), run, board }
}

/** Of an image without one: no line has this name. */
function lineOf({ image }: BootFact | FlashFact): string {
  return image?.origin?.line ?? ''
}

function byTime(a: TrendPoint, b: TrendPoint): number {
  return Date.parse(a.at) - Date.parse(b.at) || (a.run + a.board < b.run + b.board ? -1 : 1)
}

/** The median of an even number is the lower of the two in the middle: it was measured. */
function spreadOf(points: readonly TrendPoint[]): Spread | undefined {
  const sorted = points.map(({ ms }) => ms).sort((a, b) => a - b)
  const medianMs = sorted[(sorted.length - 1) >> 1]
  if (medianMs === undefined) return undefined
  return { n: sorted.length, medianMs, leastMs: sorted[0]!, mostMs: sorted.at(-1)! }
}
