import { count } from '../base/text.ts'
import type { Evidence } from '../model/cell.ts'
import { type Feature, SECTIONS } from '../model/feature.ts'
import type { Label, Labels } from '../model/labels.ts'
import {
  MAIN_LINE,
  NOT_JUDGED,
  type RowStatus,
  statusesOf,
  type StatusOptions,
  type TwinStatus,
} from '../model/status.ts'
import { markdownTable } from './columns.ts'
import { whyTable } from './page-why.ts'
import { humanTime } from './words.ts'

/** A row of the page with what is known about it. */
export interface PageRow {
  readonly feature: Feature
  readonly row: RowStatus
}

const LICENCE = `<!--
    Generated from suites/features.yaml and reports/evidence.jsonl: edit those, not this file.
    Feature names, reference devices and details:
    Copyright 2022-2024 TII (SSRC) and the Ghaf contributors
    SPDX-License-Identifier: CC-BY-SA-4.0
-->
`

const legend = (line: string): string => `## Status

* ✅ — integrated, and every check passes on the reference devices with an image built from \`${line}\`.
* 🚧 — in the making, or not proven: no suite, no board, or no run yet.
* ❌ — a check fails that passed before, or that should pass.

*Twins* are virtual boards that stand in for a device. What they find is shown in a column of its own and never changes the status.
`

const ATTRIBUTION = `Feature names, reference devices and details are taken from the [Ghaf documentation](https://github.com/tiiuae/ghaf), © 2022-2024 TII (SSRC) and the Ghaf contributors, licensed under [CC-BY-SA-4.0](https://creativecommons.org/licenses/by-sa/4.0/); statuses were added.
`

/**
 * The feature status page, as Markdown: four tables, and for every status that rests on evidence the evidence.
 *
 * Deterministic: the same rows, evidence, labels and time give the same bytes. Units: `asOf` is an ISO time.
 */
export function statusPage(
  features: readonly Feature[],
  evidence: readonly Evidence[],
  labels: Labels,
  asOf: string,
  options: StatusOptions = {},
): string {
  const statuses = statusesOf(features, evidence, labels, asOf, options)
  const rows = features.map((feature, index) => ({ feature, row: statuses[index]! }))
  const sections = SECTIONS.map(section => {
    const own = rows.filter(({ feature }) => feature.section === section)
    return own.length > 0 ? `## ${section}\n\n${featureTable(own)}` : ''
  })
  const asOfMs = Date.parse(asOf)
  const counted = evidence.filter(({ at }) => Date.parse(at) <= asOfMs).length
  const footer = `As of ${humanTime(asOf)}, from ${count(counted, 'line')} of evidence.\n`
  return [
    LICENCE,
    '# Features\n',
    legend(options.line ?? MAIN_LINE),
    deviceList(labels),
    ...sections,
    deletions(rows),
    whyTable(rows, asOf),
    '---\n',
    footer,
    ATTRIBUTION,
  ]
    .filter(Boolean)
    .join('\n')
}

/** What somebody should take out of `suites/features.yaml` and of the pages made of it. */
function deletions(rows: readonly PageRow[]): string {
  const removed = rows.filter(({ row }) => row.status === NOT_JUDGED)
  const lines = removed.map(({ feature }) => `- \`${feature.id}\` — removed since ${feature.removed!.since}`)
  return lines.length > 0 ? `## To be deleted\n\n${lines.join('\n')}\n` : ''
}

function featureTable(rows: readonly PageRow[]): string {
  return markdownTable(
    ['Feature', 'Status', 'Reference Device', 'Twins', 'Details'],
    rows.map(({ feature, row }) => [
      feature.title,
      row.status,
      feature.devices.map(word => `\`${word}\``).join(', '),
      twinsCell(row.twins),
      feature.details,
    ]),
  )
}

/** `✅ nuc x1 · ❌ orin`; a dash when no twin ever tried. */
function twinsCell(twins: readonly TwinStatus[]): string {
  const types = (status: TwinStatus['status']): string[] => twins.filter(t => t.status === status).map(t => t.type)
  const parts = [
    ['✅', ...types('pass')],
    ['❌', ...types('fail')],
  ].filter(part => part.length > 1)
  return parts.map(part => part.join(' ')).join(' · ') || '—'
}

function deviceList(labels: Labels): string {
  const lines = Object.entries(labels).map(([word, label]) => `- \`${word}\` — ${boardTypes(label)}`)
  return `### Reference Devices\n\n${lines.join('\n')}\n`
}

function boardTypes(label: Label): string {
  const types = 'allOf' in label ? label.allOf : label.anyOf
  if (types.length === 0) return 'no board type is known for it here'
  if (types.length === 1) return `board type ${types[0]}`
  return `${'allOf' in label ? 'all' : 'any'} of the board types ${types.join(', ')}`
}
