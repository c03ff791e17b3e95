import type { Evidence } from './cell.ts'
import { byTime } from './evidence.ts'
import type { Feature } from './feature.ts'
import type { Labels } from './labels.ts'
import { resolveDevices } from './status-devices.ts'
import { statusOnType, type TypeStatus } from './status-type.ts'

/** ✅ integrated and proven · 🚧 in the making or unproven · ❌ known to be broken. */
export type Status = TypeStatus['status']

/** What the status page says about a feature, and why. */
export interface RowStatus {
  readonly status: Status
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

/** The line whose evidence the status page shows. */
const LINE = 'main'

/**
 * The status of one row: a pure function of what was seen until `asOf`.
 *
 * Shape: evidence → a status for each reference board type → the row's, by the first rule that applies.
 * Units: `asOf` is an ISO time; evidence after it does not count.
 */
export function statusOf(feature: Feature, evidence: readonly Evidence[], labels: Labels, asOf: string): RowStatus {
  const asOfMs = Date.parse(asOf)
  const own = evidence.filter(e => e.feature === feature.id && Date.parse(e.at) <= asOfMs).sort(byTime)
  const devices = resolveDevices(feature.devices, labels)
  const perType = devices.types.map(type => {
    const seen = own.filter(e => e.type === type && !e.twin && e.line === LINE)
    return statusOnType({ type, feature, evidence: seen, asOfMs })
  })
  const twins = own.filter(e => e.twin)
  const types = [...new Set([...devices.types, ...twins.map(e => e.type)])]
  const { status, why, proposed = false } = rowStatus({ feature, perType, ...devices })
  return { status, why, proposed, perType, twins: types.map(type => twinStatus(type, twins)) }
}

interface Row extends ReturnType<typeof resolveDevices> {
  readonly feature: Feature
  readonly perType: readonly TypeStatus[]
}

type RowRule = (row: Row) => { status: Status; why: string; proposed?: boolean } | undefined

function rowStatus(row: Row): ReturnType<RowRule> & object {
  return RULES.map(rule => rule(row)).find(result => result !== undefined) ?? { status: '🚧', why: 'no rule applies' }
}

/** The first that has something to say decides. More will come between these: known issues, disagreeing boards, removal. */
const RULES: readonly RowRule[] = [
  function broken({ perType }) {
    const types = perType.filter(({ status }) => status === '❌')
    return types.length > 0 ? { status: '❌', why: sayTypes(types) } : undefined
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
    const stale = perType.filter(({ stale }) => stale)
    return { status: '✅', why: stale.length > 0 ? `passes; stale on ${stale.map(t => t.type).join(', ')}` : 'passes' }
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
