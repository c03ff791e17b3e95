import type { Evidence } from '../model/cell.ts'
import { ageDays } from '../model/status-type.ts'
import { markdownTable } from './columns.ts'
import type { PageRow } from './page.ts'
import { short } from './words.ts'

const HEAD = ['Feature', 'Board type', 'Status', 'Why', 'Run', 'Board', 'Image', 'Commit', 'Age']

/** The evidence behind every status that has any, hardware before twins. */
export function whyTable(rows: readonly PageRow[], asOf: string): string {
  const asOfMs = Date.parse(asOf)
  const lines = rows.flatMap(({ feature: { id }, row }) => [
    ...row.perType.flatMap(({ type, status, why, evidence }) =>
      evidence ? [[`\`${id}\``, type, status, sayWhy(why, evidence), ...proof(evidence, asOfMs)]] : [],
    ),
    ...row.twins.flatMap(({ type, evidence }) => {
      if (!evidence) return []
      const [status, says] = evidence.verdict === 'pass' ? ['✅', 'passes'] : ['❌', 'fails']
      return [[`\`${id}\``, `${type} (twin)`, status, sayWhy(says, evidence), ...proof(evidence, asOfMs)]]
    }),
  ])
  const proposed = rows.filter(({ row }) => row.proposed).map(({ feature }) => `\`${feature.id}\``)
  const promote = proposed.length > 0 ? `\nProposed for promotion to ✅: ${proposed.join(', ')}.\n` : ''
  return `## Why\n\n${lines.length > 0 ? markdownTable(HEAD, lines) : 'Nothing was tested yet.\n'}${promote}`
}

function sayWhy(why: string, { why: seen, verdict, manual }: Evidence): string {
  if (manual) return `${why}: manual, by ${asText(manual.by)}: ${asText(manual.note)}`
  return verdict === 'fail' && seen ? `${why}: ${asText(seen)}` : why
}

function proof(evidence: Evidence, asOfMs: number): string[] {
  const { run, board, imageSha256, commit } = evidence
  return [
    run,
    board,
    `\`${short(imageSha256)}\``,
    commit ? `\`${short(commit)}\`` : '—',
    `${ageDays(evidence, asOfMs)} d`,
  ]
}

/** What a board said must not become Markdown or HTML of the page. */
function asText(seen: string): string {
  return seen.replaceAll(/[\\`*_[\]<>#!~&]/g, '\\$&')
}
