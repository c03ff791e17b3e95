import type { Label, Labels } from './labels.ts'

/** One device word of the page, in board types. */
export interface DeviceWord {
  readonly label: string
  readonly types: readonly string[]
  /** All of them must be proven, else one is enough. */
  readonly needsAll: boolean
}

/**
 * A row's device words in board types, and those types once each.
 *
 * Limits: a word `devices/labels.yaml` does not know stands for no board type, so its row cannot be ✅.
 */
export function resolveDevices(
  words: readonly string[],
  labels: Labels,
): { labels: readonly DeviceWord[]; types: readonly string[] } {
  const known = new Map(Object.entries(labels).map(([word, label]) => [word.toLowerCase(), label]))
  const resolved = words.map(word => deviceWord(word, known.get(word.toLowerCase())))
  return { labels: resolved, types: [...new Set(resolved.flatMap(({ types }) => types))] }
}

function deviceWord(label: string, means: Label | undefined): DeviceWord {
  if (!means) return { label, types: [], needsAll: true }
  return 'allOf' in means
    ? { label, types: means.allOf, needsAll: true }
    : { label, types: means.anyOf, needsAll: false }
}
