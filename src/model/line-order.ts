import type { Evidence } from './cell.ts'

/** The builds of a line in their order, as far as evidence knows them. */
export interface LineOrder {
  /** Whether the first is of a newer build. */
  readonly isNewer: (a: Evidence, b: Evidence) => boolean
  /** How many known builds came after that of a finding. */
  readonly buildsAfter: (finding: Evidence) => number
}

interface Build {
  readonly name: string
  position: number | undefined
  firstAt: string
}

/**
 * The order of builds in one line: commit position first, so that an old image tested again is no news.
 *
 * A build without a position stands where it was when first tested: behind everything that had been tested by then. Where no
 * build has one, that is the order in which they were first tested.
 */
export function lineOrder(evidence: readonly Evidence[]): LineOrder {
  const byFirst = buildsIn(evidence).sort((a, b) => compareTime(a.firstAt, b.firstAt) || compareText(a.name, b.name))
  let reached = -1
  const placed = byFirst.map(build => {
    reached = Math.max(reached, build.position ?? -1)
    return { name: build.name, place: build.position ?? reached }
  })
  // The sort is stable: at one place builds stay as they were first tested.
  placed.sort((a, b) => a.place - b.place)
  const ranks = new Map(placed.map(({ name }, rank) => [name, rank]))
  const rankOf = (finding: Evidence): number => ranks.get(buildOf(finding)) ?? -1
  return {
    isNewer: (a, b) => rankOf(a) > rankOf(b),
    buildsAfter: finding => ranks.size - 1 - rankOf(finding),
  }
}

/**
 * What was news when it was found, oldest first: nothing of a build older than one that had been tested by then.
 *
 * An old image tested again says nothing new about the line, whatever it finds.
 */
export function newsOf(evidence: readonly Evidence[], order: LineOrder = lineOrder(evidence)): Evidence[] {
  let newest: Evidence | undefined
  return [...evidence].sort(byTime).filter(finding => {
    if (newest && order.isNewer(newest, finding)) return false
    newest = finding
    return true
  })
}

/** What tells builds apart: the commit, where it is known, since one has an image for each board type. */
function buildOf({ commit, imageSha256 }: Evidence): string {
  return commit ?? imageSha256
}

/** Older evidence first; what was found at the same time is ordered by run and board, so that no order is left to chance. */
export function byTime(a: Evidence, b: Evidence): number {
  return compareTime(a.at, b.at) || compareText(a.run, b.run) || compareText(a.board, b.board)
}

/** As `Date.prototype.toISOString` writes times, their texts are in the order of the times. */
const ISO_CHARS = '2026-09-01T08:00:00.000Z'.length

/** Two ISO times. */
export function compareTime(a: string, b: string): number {
  const alike = a.length === ISO_CHARS && b.length === ISO_CHARS && a.endsWith('Z') && b.endsWith('Z')
  return alike ? compareText(a, b) : Date.parse(a) - Date.parse(b)
}

/** By code unit, not by locale: the same on every machine. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** Each build once, with the farthest place anybody gave it and the time when it was first tested. */
function buildsIn(evidence: readonly Evidence[]): Build[] {
  const builds = new Map<string, Build>()
  for (const finding of evidence) {
    const { at, position } = finding
    const name = buildOf(finding)
    const known = builds.get(name)
    if (!known) builds.set(name, { name, position, firstAt: at })
    else {
      if (compareTime(at, known.firstAt) < 0) known.firstAt = at
      if ((position ?? -1) > (known.position ?? -1)) known.position = position
    }
  }
  return [...builds.values()]
}
