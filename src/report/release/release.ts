import type { Evidence } from '../../model/cell.ts'
import type { Feature } from '../../model/feature.ts'
import type { KnownIssue } from '../../model/known-issue.ts'
import type { Labels } from '../../model/labels.ts'
import type { RunFacts } from '../../model/run-facts.ts'
import type { PlacedWaiver } from '../../model/waiver.ts'
import { releaseCell, type ReleaseCell } from './cell.ts'
import { gateOf, type Gate } from './gate.ts'
import { releaseBoards, releaseImages, type ReleaseBoard, type ReleaseImage } from './images.ts'
import { releaseIssues, type ReleaseIssue } from './issues.ts'
import { lineRows, typesOf, type JudgedRow } from './line.ts'
import { removedRows, type RemovedRow } from './removed.ts'
import { trendsOf, type Trend } from './trends.ts'
import { doubtsOf, whatIsMissing } from './missing.ts'

/** What a release report is made of. */
export interface ReleaseSources {
  readonly features: readonly Feature[]
  readonly labels: Labels
  /** Of all lines. */
  readonly evidence: readonly Evidence[]
  readonly issues: readonly KnownIssue[]
  /** Of the runs whose logs are at hand. */
  readonly runs: readonly RunFacts[]
  /** What those logs found that the evidence does not have. */
  readonly untold: readonly Evidence[]
  /** Absent: nobody named a file, and the report is silent about the gate. */
  readonly waivers?: readonly PlacedWaiver[]
}

/** Which release, compared with which. Units: `asOf` is an ISO time; what was seen after it does not count. */
export interface ReleaseQuestion {
  readonly to: string
  readonly from?: string
  readonly asOf: string
}

export interface ReleaseRow {
  readonly feature: Feature
  readonly row: JudgedRow
  readonly before?: JudgedRow
  /** One for each of the report's board types. */
  readonly cells: readonly ReleaseCell[]
}

/** All that is to be said of a release: the one input of its Markdown and its page. */
export interface ReleaseReport extends ReleaseQuestion {
  readonly labels: Labels
  readonly types: readonly string[]
  readonly rows: readonly ReleaseRow[]
  readonly removed: readonly RemovedRow[]
  readonly issues: readonly ReleaseIssue[]
  readonly images: readonly ReleaseImage[]
  readonly boards: readonly ReleaseBoard[]
  readonly trends: readonly Trend[]
  /** Why all this may be wrong about what holds; one sentence each. */
  readonly doubts: readonly string[]
  /** What could not be said, and why; one sentence each. */
  readonly missing: readonly string[]
  readonly gate: Gate
  /** The gate belongs into the report: its waivers were named. */
  readonly showsGate: boolean
  /** How many lines of evidence it rests on. */
  readonly evidenceCount: number
}

/**
 * What a release is, from the evidence that is proven to come from its line, and from nothing else.
 *
 * Deterministic. The release before is judged as it was when it was last tested: it is not stale for being the older one.
 */
export function releaseReport(sources: ReleaseSources, question: ReleaseQuestion): ReleaseReport {
  const { to, from, asOf } = question
  const evidence = sources.evidence.filter(({ at }) => Date.parse(at) <= Date.parse(asOf))
  const seen = { ...sources, evidence }
  const own = evidence.filter(({ line }) => line === to)
  const then = from === undefined ? [] : lineRows(seen, from, lastSeen(evidence, from, asOf))
  const rows = lineRows(seen, to, asOf).map(({ feature, row, cells }, index): ReleaseRow => {
    const before = then[index]
    const compared = cells.map((cell, n) => releaseCell(feature, cell, before?.cells[n], { ...question, evidence }))
    return { feature, row, cells: compared, ...(before && { before: before.row }) }
  })
  const boards = releaseBoards(own, sources.runs)
  const { labels, waivers } = sources
  const types = typesOf(labels, evidence)
  return {
    ...question,
    labels,
    types,
    rows,
    removed: from === undefined ? [] : removedRows(sources.features, evidence, from),
    issues: releaseIssues(sources.issues, rows, question),
    images: releaseImages(own, sources.runs),
    boards,
    trends: trendsOf(sources.runs, types, question),
    doubts: doubtsOf(seen, question),
    missing: whatIsMissing(seen, question, boards),
    gate: gateOf(rows, labels, waivers ?? [], question),
    showsGate: waivers !== undefined,
    evidenceCount: own.length,
  }
}

/** When a line was last tested; it has evidence, or it is as if that were now. */
function lastSeen(evidence: readonly Evidence[], line: string, asOf: string): string {
  const times = evidence.filter(e => e.line === line).map(({ at }) => Date.parse(at))
  return times.length > 0 ? new Date(Math.max(...times)).toISOString() : asOf
}
