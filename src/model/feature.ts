import { z } from 'zod'
import type { BoardType } from './board-type.ts'

export const SECTIONS = [
  'Release Builds and Hardware Architecture Support',
  'Development',
  'Target Architecture',
  'Applications and VM Control',
] as const

/** One promise of the product: one row of the status page. Kept in `suites/features.yaml`. */
export const Feature = z.strictObject({
  /** Stable slug: never reused, since evidence refers to it. */
  id: z.string().regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, 'a slug such as debug-ssh'),
  title: z.string(),
  /** What else pages call it: they rename rows over the years. Case, spaces and punctuation do not count. */
  names: z.array(z.string()).default([]),
  section: z.enum(SECTIONS),
  /** Reference devices as the page writes them: labels of `devices/labels.yaml`. */
  devices: z.array(z.string()).min(1),
  /** The page's Details cell, Markdown, verbatim. */
  details: z.string().default(''),
  maturity: z.enum(['integrated', 'prototype', 'planned']),
  /** Labels of what proves the row where that is not the devices the page names: builds are proven on a builder. */
  provenOn: z.array(z.string()).min(1).optional(),
  /** Traits a board type must have for the suite to run on it; `orin` means that type only. */
  needs: z.array(z.string()).default([]),
  /** Features that must hold first: when one fails, this one is blocked by it. */
  requires: z.array(z.string()).default([]),
  /** The suite, relative to `suites/`. Absent while not written: the row is untested. */
  suite: z.string().optional(),
  /** This row is the image itself: a board that does not come up fails it and blocks the others. */
  bootsImage: z.boolean().default(false),
  /** Image variants the suite has tests for. One after the other: each is put on the board and tested in a phase of its own. */
  variants: z.array(z.enum(['debug', 'release'])).default(['debug']),
  /** Board types it makes no sense on, with the reason: they need not be proven for ✅, and are not tested. */
  notApplicable: z.record(z.string(), z.string().min(1, 'say why it does not apply')).default({}),
  /** The product no longer promises it: not judged, not tested, and listed for deletion. `since`: a release, commit or day. */
  removed: z.strictObject({ since: z.string().min(1) }).optional(),
})
export type Feature = z.infer<typeof Feature>

/** `suites/features.yaml`. Limits: ids are unique, `requires` names rows of the same file and never leads back. */
export const FeatureFile = z.strictObject({ features: z.array(Feature) }).superRefine(({ features }, context) => {
  const byId = new Map(features.map(feature => [feature.id, feature]))
  for (const [index, { id, requires }] of features.entries()) {
    const complain = (key: string, message: string): void =>
      context.addIssue({ code: 'custom', path: ['features', index, key], message })
    if (features.findIndex(other => other.id === id) < index) complain('id', `'${id}' is there twice`)
    for (const name of requires) if (!byId.has(name)) complain('requires', `'${name}' is no feature of this file`)
    if (leadsBack(id, byId)) complain('requires', `'${id}' requires itself in the end`)
  }
})

/** Why a feature is not tested on a board of this type with these traits; undefined when it is. */
export function whyNotOn(
  feature: Feature,
  type: Pick<BoardType, 'name' | 'alwaysOn'>,
  traits: readonly string[],
): string | undefined {
  const { removed, notApplicable, needs, suite } = feature
  if (removed) return `removed since ${removed.since}`
  if (Object.hasOwn(notApplicable, type.name)) return `does not apply to ${type.name}: ${notApplicable[type.name]}`
  if (suite === undefined) return 'no suite is written'
  if (type.alwaysOn && !needs.includes(type.name)) return `a ${type.name} boots no image`
  const lacking = needs.filter(need => !traits.includes(need))
  return lacking.length > 0 ? `the board has no ${lacking.join(', ')}` : undefined
}

function leadsBack(id: string, byId: ReadonlyMap<string, Feature>): boolean {
  const seen = new Set<string>()
  const ahead = [...(byId.get(id)?.requires ?? [])]
  for (let next = ahead.pop(); next !== undefined; next = ahead.pop()) {
    if (next === id) return true
    if (seen.has(next)) continue
    seen.add(next)
    ahead.push(...(byId.get(next)?.requires ?? []))
  }
  return false
}
