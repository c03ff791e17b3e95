import { z } from 'zod'
import type { Complaint, SourceFile } from '../base/schema.ts'
import type { Feature } from './feature.ts'
import { typesIn, type Labels } from './labels.ts'

/** Somebody's word that a release may go out although a row of it does not hold. */
export const Waiver = z.strictObject({
  /** A row of `suites/features.yaml`. */
  feature: z.string().min(1),
  /** Board types, device words of the page, or `all`. */
  scope: z.array(z.string().min(1)).min(1),
  /** Who answers for it. */
  approver: z.string().trim().min(1, 'the name of whoever answers for it'),
  /** Why it may go out all the same; customers may read it. */
  reason: z.string().trim().min(1, 'a sentence'),
  /** The last day on which it counts, in UTC. */
  expires: z.iso.date('a day such as 2026-12-31'),
  /** The only release it counts for; absent: every one until it expires. */
  line: z.string().min(1).exactOptional(),
})
export type Waiver = z.infer<typeof Waiver>

export const WaiverFile = z.strictObject({ waivers: z.array(Waiver) })
export type WaiverFile = z.infer<typeof WaiverFile>

/** A waiver and the `file:line` where it stands. */
export interface PlacedWaiver extends Waiver {
  readonly where: string
}

/** The waivers of a file, each with its place. */
export function placed({ data, at }: SourceFile<WaiverFile>): PlacedWaiver[] {
  return data.waivers.map((waiver, index) => ({ ...waiver, where: at(['waivers', index]) }))
}

/** What a schema cannot see: rows and devices that do not exist, and what is waived twice. */
export function waiverComplaints(
  { data, at }: SourceFile<WaiverFile>,
  features: readonly Feature[],
  labels: Labels,
): Complaint[] {
  const ids = new Set(features.map(({ id }) => id))
  const words = new Set(['all', ...typesIn(labels), ...Object.keys(labels).map(word => word.toLowerCase())])
  const complaints: Complaint[] = []
  const seen = new Map<string, string>()
  for (const [index, { feature, scope, line = '' }] of data.waivers.entries()) {
    const say = (path: PropertyKey[], message: string): void => {
      complaints.push({ where: at(['waivers', index, ...path]), message })
    }
    if (!ids.has(feature)) say(['feature'], `'${feature}' is no row of suites/features.yaml`)
    for (const [n, word] of scope.entries()) {
      if (!words.has(word.toLowerCase()))
        say(['scope', n], `'${word}' is no board type, no device word of devices/labels.yaml, and not 'all'`)
      const key = [feature, word.toLowerCase(), line].join('\n')
      const first = seen.get(key)
      if (first !== undefined) say(['scope', n], `${feature} on ${word} is waived already in ${first}`)
      else seen.set(key, at(['waivers', index]))
    }
  }
  return complaints
}
