import { html, type Markup } from '../html-text.ts'
import type { ReleaseIssue } from './issues.ts'
import { typeTitle } from './line.ts'
import { table } from './page-parts.ts'
import type { ReleaseReport } from './release.ts'
import { plain, sayFindings } from './words.ts'

/** What is known to be wrong, and who works on it. */
export function issueTable({ issues, labels }: ReleaseReport): Markup {
  if (issues.length === 0) return html`<p>No issue is known of this release.</p>`
  const row = ({ issue, row, open, cells }: ReleaseIssue): Markup =>
    html`<tr><th scope="row">${plain(row.feature.title)}</th><td>${issue.types
      .map(type => typeTitle(type, labels))
      .join(', ')}</td><td>${ticket(issue.ticket)}</td><td>${issue.owner}</td><td class="nowrap">${
      open ? issue.expires : html`expired<br>${issue.expires}`
    }</td><td>${sayFindings(cells, type => typeTitle(type, labels))}</td></tr>`
  return html`<p class="explain">Until its day an issue counts as broken in its scope, whatever the tests say. After it the tests decide again.</p>
${table('Known issues', '', ['Feature', 'Board types', 'Ticket', 'Owner', 'Until', 'Tests say'], issues.map(row))}`
}

function ticket(text: string): Markup {
  return /^https?:\/\//.test(text) ? html`<a href="${text}">${text.replace(/^https?:\/\//, '')}</a>` : html`${text}`
}
