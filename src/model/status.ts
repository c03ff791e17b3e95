import type { Evidence } from './cell.ts'
import type { Feature } from './feature.ts'
import { openIssue, type KnownIssue } from './known-issue.ts'
import type { Labels } from './labels.ts'
import { resolveDevices, type Devices } from './status-devices.ts'
import { knownUntil, type KnownUntil } from './status-known.ts'
import { firstOf, statusOnType, type TypeStatus } from './status-type.ts'

/** ✅ integrated and proven · 🚧 in the making or unproven · ❌ known to be broken. */
export type Status = TypeStatus['status']

/** What stands where there is nothing to judge any more: the feature was removed from the product. */
export const NOT_JUDGED = '—'

/** What the status page says about a feature, and why. */
export interface RowStatus {
  readonly status: Status | typeof NOT_JUDGED
  /** One phrase. */
  readonly why: string
  /** One for each reference board type, in the order of the feature's device words. */
  readonly perType: readonly TypeStatus[]
  /** One for each board type that is a reference or has a twin's evidence. They never move `status`. */
  readonly twins: readonly TwinStatus[]
  /** A row not declared integrated that passes everywhere: somebody may promote it. */
  readonly proposed: boolean
}

/** What was last seen on the virtual boards of a type. */
export interface TwinStatus {
  readonly type: string
  readonly status: 'pass' | 'fail' | 'never'
  readonly evidence?: Evidence
}

/** The line whose evidence the status page shows, where nobody names another. */
export const MAIN_LINE = 'main'

/** What beside the evidence decides about a row. */
export interface StatusOptions {
  /** Only evidence of images proven to come from this line counts. */
  readonly line?: string
  readonly issues?: readonly KnownIssue[]
}

/**
 * The status of one row: a pure function of what was seen until `asOf`.
 *
 * Shape: evidence of the line → a status for each reference board type → the row's, by the first rule that applies.
 * Units: `asOf` is an ISO time; evidence after it does not count.
 */
export function statusOf(
  feature: Feature,
  evidence: readonly Evidence[],
  labels: Labels,
  asOf: string,
  options: StatusOptions = {},
): RowStatus {
  return statusesOf([feature], evidence, labels, asOf, options)[0]!
}

/** The statuses of rows, in their order, as `statusOf` gives them one by one; the evidence is sorted out once for all. */
export function statusesOf(
  features: readonly Feature[],
  evidence: readonly Evidence[],
  labels: Labels,
  asOf: string,
  { line = MAIN_LINE, issues = [] }: StatusOptions = {},
): RowStatus[] {
  const known = knownUntil(evidence, asOf, line)
  return features.map(feature => rowStatus(feature, known, labels, { line, issues }))
}

function rowStatus(
  feature: Feature,
  { asOfMs, onLine, ofTwins, buildsAfter }: KnownUntil,
  labels: Labels,
  { line, issues }: Required<StatusOptions>,
): RowStatus {
  const devices = resolveDevices(feature, labels)
  const perType = devices.types.map(type => {
    const seen = onLine(feature.id).filter(e => e.type === type)
    const issue = openIssue(issues, { feature: feature.id, type, line }, asOfMs)
    return statusOnType({ type, feature, evidence: seen, buildsAfter, issue, asOfMs })
  })
  const twins = ofTwins(feature.id)
  const types = [...new Set([...devices.types, ...twins.map(e => e.type)])]
  const { status, why, proposed = false } = firstOf(RULES, { feature, perType, ...devices })!
  return { status, why, proposed, perType, twins: types.map(type => twinStatus(type, twins)) }
}

interface Row extends Devices {
  readonly feature: Feature
  readonly perType: readonly TypeStatus[]
}

type RowRule = (row: Row) => (Pick<RowStatus, 'status' | 'why'> & { proposed?: boolean }) | undefined

/** The first that has something to say decides; the last always has. */
const RULES: readonly RowRule[] = [
  function removed({ feature: { removed } }) {
    return removed && { status: NOT_JUDGED, why: `removed since ${removed.since}: to be deleted` }
  },
  function broken({ perType }) {
    const types = perType.filter(({ status }) => status === '❌')
    return types.length > 0 ? { status: '❌', why: sayTypes(types) } : undefined
  },
  function nothingLeft({ labels, feature: { notApplicable } }) {
    if (labels.length > 0) return undefined
    const reasons = Object.entries(notApplicable).map(([type, reason]) => `${type}: ${reason}`)
    return { status: '🚧', why: `applies to no board type (${reasons.join('; ')})` }
  },
  function noSuite({ feature }) {
    return feature.suite === undefined ? { status: '🚧', why: 'untested: no suite is written' } : undefined
  },
  function noBoard({ labels }) {
    const empty = labels.filter(({ types }) => types.length === 0)
    return empty.length > 0
      ? { status: '🚧', why: `no board type here is ${empty.map(l => l.label).join(', ')}` }
      : undefined
  },
  function unproven({ labels, perType }) {
    const proven = (type: string): boolean => perType.some(t => t.type === type && t.status === '✅')
    const open = labels.filter(({ types, needsAll }) => !(needsAll ? types.every(proven) : types.some(proven)))
    const missing = perType.filter(({ type }) => !proven(type) && open.some(({ types }) => types.includes(type)))
    return open.length > 0 ? { status: '🚧', why: sayTypes(missing) } : undefined
  },
  function notIntegrated({ feature: { maturity } }) {
    if (maturity === 'integrated') return undefined
    return { status: '🚧', why: `${maturity}, but passes everywhere: proposed for promotion`, proposed: true }
  },
  function proven({ perType }) {
    const doubts = perType.flatMap(t => (t.doubt === undefined ? [] : { ...t, why: t.doubt }))
    const stale = perType.filter(({ stale }) => stale)
    const more = [
      ...(doubts.length > 0 ? [sayTypes(doubts)] : []),
      ...(stale.length > 0 ? [`stale on ${stale.map(t => t.type).join(', ')}`] : []),
    ]
    return { status: '✅', why: ['passes', ...more].join('; ') }
  },
]

/** `never tested: orin, nuc; fails since …: x1`: types with the same reason together. */
function sayTypes(types: readonly TypeStatus[]): string {
  const reasons = Object.entries(Object.groupBy(types, ({ why }) => why))
  return reasons.map(([why, group = []]) => `${why}: ${group.map(({ type }) => type).join(', ')}`).join('; ')
}

function twinStatus(type: string, evidence: readonly Evidence[]): TwinStatus {
  const last = evidence.findLast(e => e.type === type)
  return last ? { type, status: last.verdict, evidence: last } : { type, status: 'never' }
}
