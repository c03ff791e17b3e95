import { markdownTable } from '../columns.ts'
import { short } from '../words.ts'
import { CHANGE_KINDS, type ChangeKind } from './cell.ts'
import { typeTitle } from './line.ts'
import { asCode, asText } from './markdown-text.ts'
import type { ReleaseReport } from './release.ts'
import { beforeWord, between, cellLook, changedCells, CHANGES, sayEvidence, whyCell } from './words.ts'
import type { Evidence } from '../../model/cell.ts'

/** What changed since the release before: a table for each kind of change, each line with its evidence. */
export function changeSection(report: ReleaseReport): string {
  const tables = CHANGE_KINDS.map(kind => (kind === 'removed' ? removed(report) : changes(report, kind))).filter(
    Boolean,
  )
  const title = `## What changed since ${asText(report.from ?? '')}\n`
  return [title, ...(tables.length > 0 ? tables : ['Nothing changed.\n'])].join('\n')
}

function changes(report: ReleaseReport, kind: ChangeKind): string {
  const cells = changedCells(report, kind)
  if (cells.length === 0) return ''
  const { labels, from, to } = report
  const table = markdownTable(
    ['Feature', 'Board type', asText(from ?? ''), asText(to), 'Why', 'Turned between', 'Evidence', 'Evidence before'],
    cells.map(cell => [
      cell.feature.title,
      asText(typeTitle(cell.type, labels)) + (cell.reference ? '' : ' (not named)'),
      beforeWord(cell),
      cellLook(cell).word || 'not tested',
      asText(whyCell(cell)),
      asText(between(cell) ?? '—'),
      proof(cell.now.evidence),
      proof(cell.before?.evidence),
    ]),
  )
  return `${heading(kind, cells.length)}\n${CHANGES[kind].means}\n\n${table}`
}

function heading(kind: ChangeKind, n: number): string {
  return `### ${CHANGES[kind].title} (${n})\n`
}

function removed(report: ReleaseReport): string {
  if (report.removed.length === 0) return ''
  const table = markdownTable(
    ['Feature', 'Board type', 'Was', 'Evidence before'],
    report.removed.flatMap(({ feature, since, last }) =>
      last.map(e => [
        asCode(feature) + (since === undefined ? '' : asText(`, since ${since}`)),
        asText(e.type),
        e.verdict === 'pass' ? 'passed' : 'failed',
        proof(e),
      ]),
    ),
  )
  return `${heading('removed', report.removed.length)}\n${CHANGES.removed.means}\n\n${table}`
}

function proof(evidence: Evidence | undefined): string {
  if (!evidence) return '—'
  const { imageSha256, commit } = evidence
  return `${asText(sayEvidence(evidence))}; image ${asCode(short(imageSha256))}, commit ${commit === null ? 'unknown' : asCode(short(commit))}`
}
