import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readYaml } from '../base/schema.ts'
import type { Evidence } from './cell.ts'
import { Feature } from './feature.ts'
import type { KnownIssue } from './known-issue.ts'
import { LabelFile } from './labels.ts'
import { statusOf, type StatusOptions } from './status.ts'

export const LABELS = readYaml('devices/labels.yaml', LabelFile, 'configuration/usage').data.labels
export const AS_OF = '2026-09-01T12:00:00Z'
const DAY_MS = 86_400_000

/** What re-runs said of a fail or a pass: both, one or none of two agreed. */
export const CONFIRMED = { reruns: { ran: 2, agreed: 2 } }
export const REPEATED = { reruns: { ran: 2, agreed: 1 } }
export const CLEARED = { reruns: { ran: 2, agreed: 0 } }

/** One line of evidence of a build of its own; `ageDays` before `AS_OF`. */
export function seen(type: string, verdict: 'pass' | 'fail', ageDays: number, more: Partial<Evidence> = {}): Evidence {
  const at = new Date(Date.parse(AS_OF) - ageDays * DAY_MS).toISOString()
  const common = { feature: 'f', board: `${type}-1`, twin: false, imageSha256: 'a'.repeat(64), variant: 'debug' }
  return { ...common, type, verdict, at, run: `r-${ageDays}`, commit: `c-${ageDays}`, line: 'main', ...more }
}

/** A pass or a confirmed fail, alternately of a build of its own each. */
export function failed(type: string, ageDays: number, more: Partial<Evidence> = {}): Evidence {
  return seen(type, 'fail', ageDays, { ...REPEATED, ...more })
}

export function row(devices: string[], more: object = {}): Feature {
  return Feature.parse({
    id: 'f',
    title: 'f',
    section: 'Development',
    devices,
    maturity: 'integrated',
    suite: 's',
    ...more,
  })
}

/** An issue of row `f` on orin that holds for all of September 2026 and the day before. */
export function issue(more: Partial<KnownIssue> = {}): KnownIssue {
  const common = { ticket: 'GHAF-7', owner: 'ann', feature: 'f', types: ['orin'] }
  return { ...common, opened: '2026-08-31', expires: '2026-09-30', ...more }
}

export type Case = [
  name: string,
  feature: Feature,
  evidence: Evidence[],
  status: string,
  why: string,
  options?: StatusOptions,
]

/** One table for each rule of the status page: what was seen, and the row's status with its reason, word for word. */
export function ruleTables(rules: Record<string, Case[]>): void {
  for (const [rule, cases] of Object.entries(rules))
    void describe(rule, () => {
      for (const [name, feature, evidence, status, why, options] of cases)
        void it(`${status} ${name}`, () => {
          for (const lines of [evidence, evidence.toReversed()]) {
            const found = statusOf(feature, lines, LABELS, AS_OF, options)
            assert.deepEqual([found.status, found.why], [status, why])
            for (const type of found.perType) assert.match(`${type.status} ${type.why}`, /^(?:✅ passes|🚧 \w|❌ \w)/u)
          }
        })
    })
}

export const ORIN = row(['Orin'])
export const PROTOTYPE = row(['Orin'], { maturity: 'prototype' })

export function pass(age: number, more: Partial<Evidence> = {}): Evidence {
  return seen('orin', 'pass', age, more)
}

/** A fail that repeated. */
export function fail(age: number, more: Partial<Evidence> = {}): Evidence {
  return failed('orin', age, more)
}

/** A fail that two re-runs did not repeat. */
export function suspect(age: number, more: Partial<Evidence> = {}): Evidence {
  return seen('orin', 'fail', age, { ...CLEARED, ...more })
}

/** A pass each day. */
export function passes(from: number, to: number): Evidence[] {
  return Array.from({ length: from - to + 1 }, (_, index) => pass(from - index))
}

/** Where a build stands in its line. */
export function at(position: number): Partial<Evidence> {
  return { position, commit: `p-${position}` }
}
