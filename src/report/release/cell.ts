import type { Evidence } from '../../model/cell.ts'
import { isSuspect } from '../../model/confidence.ts'
import type { Feature } from '../../model/feature.ts'
import { ageDays, STALE_DAYS, type TypeStatus } from '../../model/status-type.ts'
import type { TwinStatus } from '../../model/status.ts'
import { isOlderBuild } from './builds.ts'
import type { LineCell } from './line.ts'
import { turnTo, type Turn } from './turn.ts'

/** What may become of a feature on a board type between two releases; what needs attention first. */
export const CHANGE_KINDS = [
  'broken',
  'fails-first',
  'still-broken',
  'untested',
  'removed',
  'stale',
  'fixed',
  'new',
] as const
export type ChangeKind = (typeof CHANGE_KINDS)[number]

/** A feature on one board type in a release, beside what it was in the release before. */
export interface ReleaseCell {
  readonly feature: Feature
  readonly type: string
  readonly reference: boolean
  readonly now: TypeStatus
  readonly twin: TwinStatus
  readonly before?: TypeStatus
  /** Why what is known is old; absent while it is fresh, or nothing is known. */
  readonly old?: string
  readonly change?: ChangeKind
  readonly turn?: Turn
}

/** The line that a release is compared with. */
interface Comparison {
  readonly to: string
  readonly from?: string
  readonly asOf: string
  /** Of all lines. */
  readonly evidence: readonly Evidence[]
}

/** Two lines' cells of one feature and board type as one. */
export function releaseCell(
  feature: Feature,
  now: LineCell,
  before: LineCell | undefined,
  { to, from, asOf, evidence }: Comparison,
): ReleaseCell {
  const { type, reference, status, twin } = now
  const old = oldness(
    status,
    evidence.filter(e => e.line === to),
    asOf,
  )
  const change = before && changeOf(before.status, status, old !== undefined)
  const turn = change && status.evidence && turnTo(status.evidence, evidence, from === undefined ? [to] : [from, to])
  return {
    feature,
    type,
    reference,
    now: status,
    twin,
    ...(before && { before: before.status }),
    ...(old !== undefined && { old }),
    ...(change && { change }),
    ...(turn && { turn }),
  }
}

/** What is known of a feature on a board type, whatever the status that maturity makes of it. */
export type Known = 'holds' | 'fails' | 'unknown'

/** A prototype's fail is no ❌, but a fail; what is no longer tested, or failed once and never again, is not known. */
export function knownOf({ status, evidence }: TypeStatus): Known {
  if (status === '✅') return 'holds'
  return status === '❌' || (evidence?.verdict === 'fail' && !isSuspect(evidence)) ? 'fails' : 'unknown'
}

const CHANGES: Record<Known, Record<Known, ChangeKind | undefined>> = {
  holds: { holds: undefined, fails: 'broken', unknown: 'untested' },
  fails: { holds: 'fixed', fails: 'still-broken', unknown: 'untested' },
  unknown: { holds: 'new', fails: 'fails-first', unknown: undefined },
}

/** What became of a status. What holds as before on old evidence only is worth a line too. */
export function changeOf(before: TypeStatus, now: TypeStatus, old: boolean): ChangeKind | undefined {
  return CHANGES[knownOf(before)][knownOf(now)] ?? (old ? 'stale' : undefined)
}

function oldness(status: TypeStatus, line: readonly Evidence[], asOf: string): string | undefined {
  const { evidence } = status
  if (!evidence) return undefined
  const days = ageDays(evidence, Date.parse(asOf))
  const reasons = [
    ...(days > STALE_DAYS ? [`${days} days old`] : []),
    ...(isOlderBuild(evidence, line) ? ['of an older build'] : []),
  ]
  return reasons.length > 0 ? reasons.join(', ') : undefined
}
