import type { Evidence } from './cell.ts'
import { byTime, compareText, lineOrder } from './line-order.ts'
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

/** The story of a feature on the boards of one type, over the images of one line. */
export interface FeatureHistory {
  readonly feature: string
  readonly type: string
  readonly twin: boolean
  /** Null: images that nobody proved to be of a line. */
  readonly line: string | null
  /** In the order of their builds, as `lineOrder` knows it, then in that of their first tests. */
  readonly images: readonly ImageHistory[]
  readonly passRate: Rate
  /** The latest change from good to bad: the last image that only passed, and the first one after it that did not. */
  readonly lastGood: ImageHistory | null
  readonly firstBad: ImageHistory | null
  /** The image that passed again after `firstBad`. */
  readonly fixedBy: ImageHistory | null
}

/**
 * One story for each board type and line, since only builds of one line come one after the other; twins apart from boards.
 *
 * Types by name, boards before twins, lines by name, unproven images last.
 */
export function historiesOf(feature: string, evidence: readonly Evidence[]): FeatureHistory[] {
  const own = evidence.filter(line => line.feature === feature).sort(byTime)
  const groups = Map.groupBy(own, ({ twin, type }) => `${type}\n${twin}`)
  return [...groups.entries()]
    .sort(([a], [b]) => compareText(a, b))
    .flatMap(([, lines]) => {
      const images = [...Map.groupBy(lines, ({ imageSha256 }) => imageSha256).values()].map(imageHistory)
      const perLine = [...Map.groupBy(images, ({ line }) => line)]
      const inOrder = perLine.sort(
        ([a], [b]) => Number(a === null) - Number(b === null) || compareText(a ?? '', b ?? ''),
      )
      return inOrder.map(([line, images]) => historyOf(feature, line, inBuildOrder(images)))
    })
}

function historyOf(feature: string, line: string | null, images: readonly ImageHistory[]): FeatureHistory {
  const found = images.flatMap(({ evidence }) => evidence)
  const passed = found.filter(({ verdict }) => verdict === 'pass').length
  const { type, twin } = found[0]!
  return { feature, type, twin, line, images, passRate: rateOf(passed, found.length), ...latestBreak(images) }
}

/** An old image that was tested late stands where its build does: what it says is about that commit, not about today. */
function inBuildOrder(images: readonly ImageHistory[]): ImageHistory[] {
  // Not every finding of an image need know the commit that another one of it knows.
  const told = images.map(image => image.evidence.map(finding => ({ ...finding, commit: image.commit })))
  const { isNewer } = lineOrder(told.flat())
  const places = images.map((image, index) => ({ image, build: told[index]![0]! }))
  // `images` are in the order of their first tests, and stay so within a build.
  return places
    .sort((a, b) => Number(isNewer(a.build, b.build)) - Number(isNewer(b.build, a.build)))
    .map(({ image }) => image)
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
