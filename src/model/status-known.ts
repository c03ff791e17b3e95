import type { Evidence } from './cell.ts'
import { byTime, compareTime, lineOrder, type LineOrder } from './line-order.ts'

/** What was seen until a time, sorted out once for all rows. */
export interface KnownUntil {
  readonly asOfMs: number
  /** Of boards, on the line, of a feature. */
  readonly onLine: (feature: string) => readonly Evidence[]
  /** Of virtual boards, on any line, of a feature; oldest first. */
  readonly ofTwins: (feature: string) => readonly Evidence[]
  /** How many builds of the line, whatever was tested with them, came after that of a finding. */
  readonly buildsAfter: LineOrder['buildsAfter']
}

/** Reads all evidence, in time in proportion to it. Units: `asOf` is an ISO time; evidence after it does not count. */
export function knownUntil(evidence: readonly Evidence[], asOf: string, line: string): KnownUntil {
  const asOfMs = Date.parse(asOf)
  // In the form in which evidence has its times.
  const until = Number.isNaN(asOfMs) ? asOf : new Date(asOfMs).toISOString()
  const known = evidence.filter(({ at }) => compareTime(at, until) <= 0)
  const onLine = known.filter(finding => finding.line === line)
  const boards = byFeature(onLine.filter(({ twin }) => !twin))
  const twins = byFeature(known.filter(({ twin }) => twin))
  for (const findings of twins.values()) findings.sort(byTime)
  return {
    asOfMs,
    onLine: feature => boards.get(feature) ?? [],
    ofTwins: feature => twins.get(feature) ?? [],
    buildsAfter: lineOrder(onLine).buildsAfter,
  }
}

function byFeature(evidence: readonly Evidence[]): Map<string, Evidence[]> {
  return Map.groupBy(evidence, ({ feature }) => feature)
}
