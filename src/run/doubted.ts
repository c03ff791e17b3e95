import type { Evidence } from '../model/cell.ts'
import type { Feature } from '../model/feature.ts'
import type { Labels } from '../model/labels.ts'
import { statusesOf } from '../model/status.ts'

/** The features that are ❌ on a board type by their evidence: a pass of an image of that line has to be confirmed to lift it. */
export function doubtedFeatures(
  sources: { readonly features: readonly Feature[]; readonly labels: Labels; readonly evidence: readonly Evidence[] },
  { type, line, twin }: { readonly type: string; readonly line: string | null; readonly twin: boolean },
  asOf: string,
): ReadonlySet<string> {
  if (line === null || twin) return new Set()
  const { features, labels, evidence } = sources
  const statuses = statusesOf(features, evidence, labels, asOf, { line })
  const broken = features.filter((_, index) => statuses[index]!.perType.some(t => t.type === type && t.status === '❌'))
  return new Set(broken.map(({ id }) => id))
}
