import type { Evidence } from '../../model/cell.ts'
import type { Feature } from '../../model/feature.ts'
import type { KnownIssue } from '../../model/known-issue.ts'
import { typesIn, type Label, type Labels } from '../../model/labels.ts'
import { NOT_JUDGED, statusesOf, type RowStatus, type Status, type TwinStatus } from '../../model/status.ts'
import type { TypeStatus } from '../../model/status-type.ts'

/** What the evidence of one line says about a feature. */
export interface LineRow {
  readonly feature: Feature
  readonly row: JudgedRow
  /** One for each board type there is, in the order of `typesOf`. */
  readonly cells: readonly LineCell[]
}

/** A row of a feature that is still promised. */
export interface JudgedRow extends RowStatus {
  readonly status: Status
}

export interface LineCell {
  readonly type: string
  /** The feature names it, so that it moves the row. */
  readonly reference: boolean
  readonly status: TypeStatus
  readonly twin: TwinStatus
}

interface Rules {
  readonly features: readonly Feature[]
  readonly labels: Labels
  readonly evidence: readonly Evidence[]
  readonly issues: readonly KnownIssue[]
}

/** All rows as one line's evidence gives them; that of other lines says nothing, twins included. */
export function lineRows({ features, labels, evidence, issues }: Rules, line: string, asOf: string): LineRow[] {
  const own = evidence.filter(e => e.line === line)
  const types = typesOf(labels, evidence)
  // A type that a feature does not name is judged by the same rules: as if it named every one.
  const everywhere: Labels = { ...labels, [EVERYWHERE]: { allOf: types } }
  const rule = { line, issues }
  const rows = statusesOf(features, own, labels, asOf, rule)
  const onAll = features.map(feature => ({ ...feature, devices: [EVERYWHERE] }))
  const alls = statusesOf(onAll, own, everywhere, asOf, rule)
  return features.flatMap((feature, index) => {
    const [row, all] = [rows[index]!, alls[index]!]
    const { status } = row
    if (status === NOT_JUDGED) return []
    const cells = types.map(type => ({
      type,
      reference: row.perType.some(status => status.type === type),
      status: all.perType.find(status => status.type === type) ?? notApplicable(type, feature),
      twin: all.twins.find(twin => twin.type === type) ?? { type, status: 'never' as const },
    }))
    return [{ feature, row: { ...row, status }, cells }]
  })
}

/** No device word of a page, so no label has this name. */
const EVERYWHERE = '*'

function notApplicable(type: string, { notApplicable }: Feature): TypeStatus {
  return { type, status: '🚧', why: `does not apply: ${notApplicable[type]}`, stale: false }
}

/** The board types there are: those that labels mean, then those only evidence knows. */
export function typesOf(labels: Labels, evidence: readonly Evidence[]): string[] {
  return [...new Set([...typesIn(labels), ...evidence.map(({ type }) => type)])]
}

/** What people call a board type: the device word that means just it, else its own name. */
export function typeTitle(type: string, labels: Labels): string {
  const word = Object.entries(labels).find(([, label]) => meaning(label).join() === type)
  return word?.[0] ?? type
}

/** The board types that a label means. */
export function meaning(label: Label): readonly string[] {
  return 'allOf' in label ? label.allOf : label.anyOf
}
