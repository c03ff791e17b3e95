import { knownOf, type ReleaseCell } from './cell.ts'
import { whyCell } from './words.ts'
import type { ReleaseReport, ReleaseRow } from './release.ts'

/** A row that is not freshly proven on some of its board types. */
export interface Unproven {
  readonly row: ReleaseRow
  readonly why: string
  readonly types: readonly string[]
}

/** Rows of which nothing, or nothing fresh, is known on a reference board type; one line for each reason. */
export function unprovenRows({ rows }: ReleaseReport): Unproven[] {
  return rows.flatMap(row => {
    if (row.feature.suite === undefined) return [{ row, why: 'no test is written', types: [] }]
    const reasons = row.cells.flatMap(cell => {
      const why = cell.reference ? reason(cell) : undefined
      return why === undefined ? [] : [{ why, type: cell.type }]
    })
    const groups = [...Map.groupBy(reasons, ({ why }) => why)]
    return groups.map(([why, group]) => ({ row, why, types: group.map(({ type }) => type) }))
  })
}

function reason(cell: ReleaseCell): string | undefined {
  const { now, old } = cell
  if (knownOf(now) === 'unknown') return whyCell(cell)
  if (now.doubt !== undefined) return `passes, but ${now.doubt}`
  return old === undefined ? undefined : `${knownOf(now) === 'holds' ? 'passes' : 'fails'}, but that is ${old}`
}
