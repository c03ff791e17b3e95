import type { Labels } from '../../model/labels.ts'
import type { PlacedWaiver } from '../../model/waiver.ts'
import type { Blocker } from './gate.ts'
import { meaning } from './line.ts'

/** What blocks a release, told apart by whether somebody answers for it. */
export interface Waived {
  readonly open: readonly Blocker[]
  readonly waived: readonly { readonly blocker: Blocker; readonly waivers: readonly PlacedWaiver[] }[]
  /** They would have counted, had they not expired. */
  readonly expired: readonly PlacedWaiver[]
  /** Nothing that blocks is in their scope, or they are for another release. */
  readonly unused: readonly PlacedWaiver[]
}

/** Sorts blockers by waivers. A blocker is waived when the scopes of valid waivers together cover all its board types. */
export function waive(
  blockers: readonly Blocker[],
  waivers: readonly PlacedWaiver[],
  { to, asOf, labels }: { to: string; asOf: string; labels: Labels },
): Waived {
  const ours = waivers.filter(({ line }) => line === undefined || line === to)
  const isExpired = ({ expires }: PlacedWaiver): boolean => asOf.slice(0, 10) > expires
  const touching = (blocker: Blocker): PlacedWaiver[] => ours.filter(waiver => touches(waiver, blocker, labels))
  const open: Blocker[] = []
  const waived: { blocker: Blocker; waivers: PlacedWaiver[] }[] = []
  for (const blocker of blockers) {
    const valid = touching(blocker).filter(waiver => !isExpired(waiver))
    if (covers(valid, blocker, labels)) waived.push({ blocker, waivers: valid })
    else open.push(blocker)
  }
  const wanted = new Set(blockers.flatMap(touching))
  return {
    open,
    waived,
    expired: waivers.filter(waiver => wanted.has(waiver) && isExpired(waiver)),
    unused: waivers.filter(waiver => !wanted.has(waiver)),
  }
}

function touches(waiver: PlacedWaiver, blocker: Blocker, labels: Labels): boolean {
  if (waiver.feature !== blocker.feature.id) return false
  return namesWord(waiver, blocker) || blocker.types.some(type => typesIn(waiver, labels).has(type))
}

function covers(waivers: readonly PlacedWaiver[], blocker: Blocker, labels: Labels): boolean {
  if (waivers.some(waiver => namesWord(waiver, blocker))) return true
  const types = new Set(waivers.flatMap(waiver => [...typesIn(waiver, labels)]))
  return blocker.types.length > 0 && blocker.types.every(type => types.has(type))
}

/** `all`, or the very device word that is not satisfied. */
function namesWord({ scope }: PlacedWaiver, { word }: Blocker): boolean {
  return scope.some(name => ['all', word.toLowerCase()].includes(name.toLowerCase()))
}

/** Its board types, by name or by a device word, whose case does not matter. */
function typesIn({ scope }: PlacedWaiver, labels: Labels): Set<string> {
  const words = scope.map(word => word.toLowerCase())
  const named = Object.entries(labels).filter(([word]) => words.includes(word.toLowerCase()))
  return new Set([...words, ...named.flatMap(([, label]) => meaning(label))])
}
