import type { Evidence } from '../../model/cell.ts'
import type { Feature } from '../../model/feature.ts'
import { byTime } from '../../model/line-order.ts'

/** A row that the release before had and nobody promises any more. */
export interface RemovedRow {
  readonly feature: string
  /** Since when, if somebody said so. */
  readonly since?: string
  /** The last that is known of it, on each board type; twins where no hardware was. */
  readonly last: readonly Evidence[]
}

/** The features that a line was tested for and that are no rows any more, or are declared removed. */
export function removedRows(features: readonly Feature[], evidence: readonly Evidence[], line: string): RemovedRow[] {
  const promised = new Set(features.flatMap(({ id, removed }) => (removed ? [] : id)))
  const gone = evidence.filter(e => e.line === line && !promised.has(e.feature)).sort(byTime)
  return [...Map.groupBy(gone, ({ feature }) => feature)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([feature, group]) => {
      const since = features.find(({ id }) => id === feature)?.removed?.since
      const hardware = group.filter(({ twin }) => !twin)
      const byType = Map.groupBy(hardware.length > 0 ? hardware : group, ({ type }) => type)
      return { feature, ...(since !== undefined && { since }), last: [...byType.values()].map(own => own.at(-1)!) }
    })
}
