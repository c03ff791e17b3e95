import type { Evidence } from './cell.ts'
import { byTime } from './line-order.ts'
import { rateOf, type Rate } from './rate.ts'

/** What was found out about a feature with one image, on one board type. */
export interface ImageHistory {
  readonly imageSha256: string
  readonly commit: string | null
  readonly line: string | null
  readonly variant: string
  /** Oldest first. */
  readonly evidence: readonly Evidence[]
  /** `mixed`: it passed and failed. */
  readonly verdict: 'pass' | 'fail' | 'mixed'
}

/** The story of a feature on the boards of one type. */
export interface FeatureHistory {
  readonly feature: string
  readonly type: string
  readonly twin: boolean
  /** In the order in which they were first tested. */
  readonly images: readonly ImageHistory[]
  readonly passRate: Rate
  /** The latest change from good to bad: the last image that only passed, and the first one after it that did not. */
  readonly lastGood: ImageHistory | null
  readonly firstBad: ImageHistory | null
  /** The image that passed again after `firstBad`. */
  readonly fixedBy: ImageHistory | null
}

/** One story for each board type; twins apart from boards. Types by name, boards before twins. */
export function historiesOf(feature: string, evidence: readonly Evidence[]): FeatureHistory[] {
  const own = evidence.filter(line => line.feature === feature).sort(byTime)
  const groups = Map.groupBy(own, ({ twin, type }) => `${type}\n${twin}`)
  return [...groups.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, lines]) => historyOf(feature, lines))
}

function historyOf(feature: string, lines: readonly Evidence[]): FeatureHistory {
  const images = [...Map.groupBy(lines, line => line.imageSha256).values()].map(imageHistory)
  const passed = lines.filter(line => line.verdict === 'pass').length
  const { type, twin } = lines[0]!
  return { feature, type, twin, images, passRate: rateOf(passed, lines.length), ...latestBreak(images) }
}

function imageHistory(evidence: readonly Evidence[]): ImageHistory {
  const last = evidence.at(-1)!
  const verdicts = new Set(evidence.map(({ verdict }) => verdict))
  const known = (key: 'commit' | 'line'): string | null => evidence.findLast(line => line[key] !== null)?.[key] ?? null
  return {
    imageSha256: last.imageSha256,
    commit: known('commit'),
    line: known('line'),
    variant: last.variant,
    evidence,
    verdict: verdicts.size > 1 ? 'mixed' : last.verdict,
  }
}

/** An image that passed and failed is not good: whoever looks for the commit that broke something must not stop behind it. */
function latestBreak(images: readonly ImageHistory[]): Pick<FeatureHistory, 'lastGood' | 'firstBad' | 'fixedBy'> {
  const bad = images.findLastIndex(({ verdict }) => verdict !== 'pass')
  if (bad < 0) return { lastGood: images.at(-1) ?? null, firstBad: null, fixedBy: null }
  const good = images.slice(0, bad).findLastIndex(({ verdict }) => verdict === 'pass')
  return { lastGood: images[good] ?? null, firstBad: images[good + 1] ?? null, fixedBy: images[bad + 1] ?? null }
}
