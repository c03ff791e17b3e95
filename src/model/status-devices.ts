import type { Feature } from './feature.ts'
import type { Label, Labels } from './labels.ts'

/** One device word of the page, in board types. */
export interface DeviceWord {
  readonly label: string
  readonly types: readonly string[]
  /** All of them must be proven, else one is enough. */
  readonly needsAll: boolean
}

export interface Devices {
  readonly labels: readonly DeviceWord[]
  /** The types of all words, once each. */
  readonly types: readonly string[]
}

/**
 * A row's device words in board types, without those it is declared not to apply to. A word of which none is left is left out.
 *
 * Limits: a word `devices/labels.yaml` does not know stands for no board type, so its row cannot be ✅.
 */
export function resolveDevices({ devices, provenOn, notApplicable }: Feature, labels: Labels): Devices {
  const known = new Map(Object.entries(labels).map(([word, label]) => [word.toLowerCase(), label]))
  const applies = (type: string): boolean => !Object.hasOwn(notApplicable, type)
  const resolved = (provenOn ?? devices)
    .map(word => deviceWord(word, known.get(word.toLowerCase())))
    .filter(({ types }) => types.length === 0 || types.some(applies))
    .map(word => ({ ...word, types: word.types.filter(applies) }))
  return { labels: resolved, types: [...new Set(resolved.flatMap(({ types }) => types))] }
}

function deviceWord(label: string, means: Label | undefined): DeviceWord {
  if (!means) return { label, types: [], needsAll: true }
  return 'allOf' in means
    ? { label, types: means.allOf, needsAll: true }
    : { label, types: means.anyOf, needsAll: false }
}
