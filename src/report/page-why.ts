import type { Evidence } from '../model/cell.ts'
import { failRate, isSuspect } from '../model/confidence.ts'
import { ageDays } from '../model/status-type.ts'
import { markdownTable } from './columns.ts'
import type { PageRow } from './page.ts'
import { short } from './words.ts'

const HEAD = ['Feature', 'Board type', 'Status', 'Why', 'Run', 'Board', 'Image', 'Commit', 'Age']

/** The evidence behind every status that has any, hardware before twins. */
export function whyTable(rows: readonly PageRow[], asOf: string): string {
  const asOfMs = Date.parse(asOf)
  const lines = rows.flatMap(({ feature: { id }, row }) => [
    ...row.perType.flatMap(({ type, status, why, evidence, issue }) => {
      if (evidence) return [[`\`${id}\``, type, status, sayWhy(why, evidence), ...proof(evidence, asOfMs)]]
      return issue ? [[`\`${id}\``, type, status, asText(why), ...NO_PROOF]] : []
    }),
    ...row.twins.flatMap(({ type, evidence }) => {
      if (!evidence) return []
      const status = evidence.verdict === 'pass' ? '✅' : '❌'
      return [[`\`${id}\``, `${type} (twin)`, status, sayWhy(twinSays(evidence), evidence), ...proof(evidence, asOfMs)]]
    }),
  ])
  const proposed = rows.filter(({ row }) => row.proposed).map(({ feature }) => `\`${feature.id}\``)
  const promote = proposed.length > 0 ? `\nProposed for promotion to ✅: ${proposed.join(', ')}.\n` : ''
  return `## Why\n\n${lines.length > 0 ? markdownTable(HEAD, lines) : 'Nothing was tested yet.\n'}${promote}`
}

function twinSays(evidence: Evidence): string {
  const { verdict, reruns, untested } = evidence
  if (verdict === 'pass') return untested ? `passes; untested: ${untested.join('; ')}` : 'passes'
  if (!reruns) return 'fails'
  return `${isSuspect(evidence) ? 'flaky' : 'fails'}, ${failRate(reruns)}`
}

function sayWhy(why: string, { why: seen, verdict, manual }: Evidence): string {
  if (manual) return asText(`${why}: manual, by ${manual.by}: ${manual.note}`)
  return asText(verdict === 'fail' && seen ? `${why}: ${seen}` : why)
}

const NO_PROOF = HEAD.slice(4).map(() => '—')

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
