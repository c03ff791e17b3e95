import { isOpen, type KnownIssue } from '../../model/known-issue.ts'
import type { ReleaseCell } from './cell.ts'
import type { ReleaseRow } from './release.ts'

/** A failure of a release that somebody has taken on. */
export interface ReleaseIssue {
  readonly issue: KnownIssue
  readonly row: ReleaseRow
  /** Absent: it expired, and the evidence decides again. */
  readonly open?: true
  /** Those in its scope. */
  readonly cells: readonly ReleaseCell[]
}

/** The issues known of a release, the open ones first; one that begins later is none yet. */
export function releaseIssues(
  issues: readonly KnownIssue[],
  rows: readonly ReleaseRow[],
  { to, asOf }: { to: string; asOf: string },
): ReleaseIssue[] {
  const asOfMs = Date.parse(asOf)
  const found = issues.flatMap(issue => {
    const row = rows.find(({ feature }) => feature.id === issue.feature)
    const isOurs = issue.lines?.includes(to) ?? true
    if (!row || !isOurs || Date.parse(issue.opened) > asOfMs) return []
    const cells = row.cells.filter(({ type }) => issue.types.includes(type))
    return [{ issue, row, cells, ...(isOpen(issue, asOfMs) && { open: true as const }) }]
  })
  return [...found.filter(({ open }) => open), ...found.filter(({ open }) => !open)]
}
