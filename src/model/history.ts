import type { Evidence } from './cell.ts'
import { isConfirmed, isSuspect } from './confidence.ts'
import { lineOrder, newsOf } from './line-order.ts'

/** How many of the latest runs are looked at for failures that come and go, and for boards that disagree. */
export const LATEST_RUNS = 20
const FLAKY_SUSPECTS = 2

/** What a line's evidence about one feature on one board type amounts to, before anybody is told. */
export interface History {
  /** The finding that stands: the last pass, or the confirmed fail no pass has lifted yet. Suspects never stand. */
  readonly standing: Evidence | undefined
  /** The last pass before the fail that stands. */
  readonly passedBefore: Evidence | undefined
  /** A pass on a newer build than the fail that stands, which still has to be confirmed. */
  readonly hopeful: Evidence | undefined
  /** The last fail nobody saw twice, if it is newer than what stands. */
  readonly suspect: Evidence | undefined
  /** Present: it fails now and then. */
  readonly flaky: { readonly fails: number; readonly runs: number; readonly last: Evidence } | undefined
  /** Present: boards find opposite things of the newest image. */
  readonly disagree: Disagreement | undefined
  readonly lastPass: Evidence | undefined
}

export interface Disagreement {
  /** The failing board's finding. */
  readonly fail: Evidence
  readonly passes: readonly string[]
  readonly fails: readonly string[]
}

/**
 * Reads the evidence about one feature and board type on one line.
 *
 * `isPromised`: the feature is declared integrated, so that its first fail is a regression like one after a pass. A
 * regression is lifted only by a pass on a newer build that two re-runs confirmed; anything else only by a pass.
 */
export function historyOf(evidence: readonly Evidence[], isPromised: boolean): History {
  const order = lineOrder(evidence)
  const { isNewer } = order
  const news = newsOf(evidence, order)
  let lastPass: Evidence | undefined
  let standing: Evidence | undefined
  let passedBefore: Evidence | undefined
  let hopeful: Evidence | undefined
  for (const line of news) {
    if (isSuspect(line)) continue
    if (line.verdict === 'fail') {
      passedBefore = lastPass
      standing = line
      hopeful = undefined
      continue
    }
    lastPass = line
    const isRegression = standing?.verdict === 'fail' && (isPromised || passedBefore !== undefined)
    if (!isRegression) standing = line
    else if (isNewer(line, standing!)) {
      if (isConfirmed(line)) standing = line
      else hopeful = line
    }
  }
  const last = news.at(-1)
  const latest = news.slice(-LATEST_RUNS)
  return {
    standing,
    passedBefore: standing?.verdict === 'fail' ? passedBefore : undefined,
    hopeful: standing?.verdict === 'fail' ? hopeful : undefined,
    suspect: last && isSuspect(last) ? last : undefined,
    flaky: flakyIn(latest),
    disagree: disagreement(latest, isNewer),
    lastPass,
  }
}

function flakyIn(latest: readonly Evidence[]): History['flaky'] {
  const suspects = latest.filter(isSuspect)
  if (suspects.length < FLAKY_SUSPECTS) return undefined
  const fails = latest.filter(({ verdict }) => verdict === 'fail').length
  return { fails, runs: latest.length, last: suspects.at(-1)! }
}

/** Boards that end with opposite findings of one image of the newest build; a fail that re-runs cleared is none. */
function disagreement(
  latest: readonly Evidence[],
  isNewer: (a: Evidence, b: Evidence) => boolean,
): Disagreement | undefined {
  const newest = latest.filter(line => !isNewer(latest.at(-1)!, line))
  const ofImage = newest.filter(({ imageSha256 }) => imageSha256 === newest.at(-1)!.imageSha256)
  const lastOfBoard = [...new Map(ofImage.map(line => [line.board, line])).values()]
  const fails = lastOfBoard.filter(({ verdict, reruns }) => verdict === 'fail' && (reruns?.agreed ?? 1) > 0)
  const passes = lastOfBoard.filter(({ verdict }) => verdict === 'pass')
  if (fails.length === 0 || passes.length === 0) return undefined
  return { fail: fails.at(-1)!, passes: passes.map(({ board }) => board), fails: fails.map(({ board }) => board) }
}
