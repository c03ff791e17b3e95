import { count, humanDuration } from '../../base/text.ts'
import { markdownTable } from '../columns.ts'
import { humanTime, short } from '../words.ts'
import { gateLines } from './markdown-gate.ts'
import { changeSection } from './markdown-changes.ts'
import { matrixTables } from './markdown-matrix.ts'
import { asCode, asText } from './markdown-text.ts'
import type { ReleaseReport } from './release.ts'
import { typeTitle } from './line.ts'
import { unprovenRows } from './untested.ts'
import { day, sayFindings, STATUS_WORDS, summarySentence } from './words.ts'
import type { Spread } from './trends.ts'

const ATTRIBUTION =
  'Feature names and reference devices are taken from the [Ghaf documentation](https://github.com/tiiuae/ghaf), © 2022-2024 TII (SSRC) and the Ghaf contributors, licensed under [CC-BY-SA-4.0](https://creativecommons.org/licenses/by-sa/4.0/); statuses were added.\n'

/** A release's status as Markdown that stands for itself. Deterministic: the same report gives the same bytes. */
export function releaseMarkdown(report: ReleaseReport): string {
  return [
    `# ${asText(report.to)}: release status report\n`,
    facts(report),
    '## Summary\n',
    summary(report),
    ...(report.showsGate ? ['## Release gate\n', gateLines(report.gate, report.labels)] : []),
    ...(report.from === undefined ? [] : [changeSection(report)]),
    '## Features by board type\n',
    matrixTables(report),
    '## Known issues\n',
    issues(report),
    '## Untested and stale\n',
    untested(report),
    '## Images\n',
    images(report),
    '## Boards\n',
    boards(report),
    '## Boot and flash times\n',
    times(report),
    '## What this report cannot say\n',
    listOf([...report.doubts, ...report.missing]) || 'Nothing is missing.\n',
    '---\n',
    ATTRIBUTION,
  ].join('\n')
}

function listOf(sentences: readonly string[]): string {
  return sentences.map(text => `* ${asText(text)}\n`).join('')
}

function facts({ to, from, asOf, evidenceCount }: ReleaseReport): string {
  const compared = from === undefined ? '' : `, compared with ${asText(from)}`
  return `As of ${humanTime(asOf)}${compared}. From ${count(evidenceCount, 'finding')} about images that are proven to come from ${asText(to)}; nothing else counts.\n`
}

function summary(report: ReleaseReport): string {
  const { rows, to, from } = report
  const statuses = ['✅', '🚧', '❌'] as const
  const table = markdownTable(
    ['Status', asText(to), ...(from === undefined ? [] : [asText(from)])],
    statuses.map(status => [
      `${status} ${STATUS_WORDS[status]}`,
      String(rows.filter(({ row }) => row.status === status).length),
      ...(from === undefined ? [] : [String(rows.filter(({ before }) => before?.status === status).length)]),
    ]),
  )
  const doubts = listOf(report.doubts)
  return `${asText(summarySentence(report))}\n\n${doubts && `${doubts}\n`}${table}`
}

function untested(report: ReleaseReport): string {
  const lines = unprovenRows(report)
  if (lines.length === 0) return 'Every feature is freshly tested on every board type it names.\n'
  return markdownTable(
    ['Feature', 'Board types', 'Why'],
    lines.map(({ row, why, types }) => [
      row.feature.title,
      (types.length > 0 ? types.map(type => typeTitle(type, report.labels)) : row.feature.devices)
        .map(asText)
        .join(', '),
      asText(why),
    ]),
  )
}

function issues({ issues, labels }: ReleaseReport): string {
  if (issues.length === 0) return 'No issue is known of this release.\n'
  const title = (type: string): string => typeTitle(type, labels)
  return markdownTable(
    ['Feature', 'Board types', 'Ticket', 'Owner', 'Until', 'Tests say'],
    issues.map(({ issue, row, open, cells }) => [
      row.feature.title,
      issue.types.map(type => asText(title(type))).join(', '),
      asText(issue.ticket),
      asText(issue.owner),
      `${issue.expires}${open ? '' : ' (expired)'}`,
      asText(sayFindings(cells, title)),
    ]),
  )
}

function images({ images, labels }: ReleaseReport): string {
  if (images.length === 0) return 'None was tested.\n'
  return markdownTable(
    ['Image', 'Variant', 'Version', 'Commit', 'Board types', 'Tested', 'SHA-256'],
    images.map(({ name, variant, version, commit, types, firstAt, lastAt, superseded, sha256 }) => [
      asText(name ?? '—') + (superseded.length > 0 ? ' (older build)' : ''),
      asText(variant),
      asText(version ?? '—'),
      commit === null ? '—' : asCode(commit),
      types.map(type => asText(typeTitle(type, labels))).join(', '),
      day(firstAt) === day(lastAt) ? day(lastAt) : `${day(firstAt)} – ${day(lastAt)}`,
      asCode(sha256),
    ]),
  )
}

function boards({ boards, labels }: ReleaseReport): string {
  if (boards.length === 0) return 'None was used.\n'
  return markdownTable(
    ['Board', 'Board type', 'Kind', 'Firmware', 'Runs version', 'Images', 'Last run'],
    boards.map(({ board, type, twin, firmware, version, images, lastRun, lastAt }) => [
      asText(board),
      asText(typeTitle(type, labels)),
      twin ? 'virtual' : 'hardware',
      asText(firmware ?? 'not recorded'),
      asText(version ?? '—'),
      images.map(sha256 => asCode(short(sha256))).join(', '),
      `${asText(lastRun)}, ${day(lastAt)}`,
    ]),
  )
}

function times({ trends, to, from, labels }: ReleaseReport): string {
  if (trends.length === 0) return 'No run log with times is at hand.\n'
  return markdownTable(
    ['What', 'Board type', asText(to), ...(from === undefined ? [] : [asText(from)])],
    trends.map(({ kind, type, twin, now, before }) => [
      kind === 'boot' ? 'boot' : 'flash',
      asText(typeTitle(type, labels)) + (twin ? ' (virtual)' : ''),
      saySpread(now),
      ...(from === undefined ? [] : [saySpread(before)]),
    ]),
  )
}

/** `median 41 s of 12 (38 s – 55 s)`. */
function saySpread(spread: Spread | undefined): string {
  if (!spread) return '—'
  const { n, medianMs, leastMs, mostMs } = spread
  if (n === 1) return `${humanDuration(medianMs)}, once`
  return `median ${humanDuration(medianMs)} of ${n} (${humanDuration(leastMs)} – ${humanDuration(mostMs)})`
}
