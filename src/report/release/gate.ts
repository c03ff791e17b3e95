import type { Evidence } from '../../model/cell.ts'
import type { Feature } from '../../model/feature.ts'
import type { Labels } from '../../model/labels.ts'
import { resolveDevices } from '../../model/status-devices.ts'
import type { PlacedWaiver } from '../../model/waiver.ts'
import { knownOf, type ReleaseCell } from './cell.ts'
import type { ReleaseRow } from './release.ts'
import { whyCell } from './words.ts'
import { waive, type Waived } from './waive.ts'

/** In the order in which somebody should look at them. */
const KINDS = ['broken', 'stale', 'unproven'] as const

/** Why a release may not go out. `broken`: the product is. `unproven`, `stale`: nobody knows of this build. */
export interface Blocker {
  readonly kind: (typeof KINDS)[number]
  readonly feature: Feature
  /** The device word that is not satisfied. */
  readonly word: string
  /** The board types that could tell; several: one of them is enough. */
  readonly types: readonly string[]
  readonly why: string
  readonly evidence?: Evidence
}

/** Whether a release may go out, and what of it somebody answers for. */
export interface Gate extends Waived {
  readonly passes: boolean
}

/**
 * The release gate: every row declared integrated must be proven, freshly, on what its device words name, and nothing
 * may be broken that held in the release before, whatever its maturity.
 */
export function gateOf(
  rows: readonly ReleaseRow[],
  labels: Labels,
  waivers: readonly PlacedWaiver[],
  { to, asOf }: { to: string; asOf: string },
): Gate {
  const all = rows.flatMap(row => blockersOf(row, labels))
  const blockers = KINDS.flatMap(kind => all.filter(blocker => blocker.kind === kind))
  const waived = waive(blockers, waivers, { to, asOf, labels })
  return { passes: waived.open.length === 0, ...waived }
}

function blockersOf({ feature, cells }: ReleaseRow, labels: Labels): Blocker[] {
  const blockers = resolveDevices(feature, labels).labels.flatMap(({ label, types, needsAll }) => {
    const own = cells.filter(({ type }) => types.includes(type))
    const broken = own.filter(isBroken).map(cell => blocker(feature, label, 'broken', [cell], whyCell(cell)))
    if (feature.maturity !== 'integrated') return broken
    if (types.length === 0)
      return [{ kind: 'unproven' as const, feature, word: label, types, why: `no board type here is ${label}` }]
    return [...broken, ...unproven(feature, label, own, needsAll)]
  })
  // A board type that several words mean blocks once.
  const seen = new Set<string>()
  return blockers.filter(({ kind, word, types }) => {
    const key = [kind, ...(types.length > 0 ? types : [word])].join(' ')
    return !seen.has(key) && seen.add(key)
  })
}

function isBroken({ now, change }: ReleaseCell): boolean {
  return now.status === '❌' || (change === 'broken' && knownOf(now) === 'fails')
}

/** Of "any of", one fresh board type is enough; of "all of", each must be. */
function unproven(feature: Feature, word: string, cells: readonly ReleaseCell[], needsAll: boolean): Blocker[] {
  const sound = cells.filter(cell => !isBroken(cell))
  const proven = sound.filter(({ now }) => now.status === '✅')
  const fresh = proven.filter(({ old }) => old === undefined)
  if (needsAll)
    return sound.flatMap(cell => {
      if (cell.now.status !== '✅') return blocker(feature, word, 'unproven', [cell], whyCell(cell))
      return cell.old === undefined ? [] : blocker(feature, word, 'stale', [cell], cell.old)
    })
  if (fresh.length > 0 || sound.length === 0) return []
  if (proven.length > 0) return [blocker(feature, word, 'stale', proven, proven[0]!.old!)]
  return [blocker(feature, word, 'unproven', sound, whyCell(sound[0]!))]
}

function blocker(
  feature: Feature,
  word: string,
  kind: Blocker['kind'],
  cells: readonly ReleaseCell[],
  why: string,
): Blocker {
  const evidence = cells[0]?.now.evidence
  return { kind, feature, word, types: cells.map(({ type }) => type), why, ...(evidence && { evidence }) }
}
