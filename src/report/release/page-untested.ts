import { html, type Markup } from '../html-text.ts'
import { typeTitle } from './line.ts'
import { table } from './page-parts.ts'
import type { ReleaseReport } from './release.ts'
import { plain } from './words.ts'
import { unprovenRows } from './untested.ts'

/** What nothing, or nothing fresh, is known of. Features without any test are only named: there is no more to say of them. */
export function untestedList(report: ReleaseReport): Markup {
  const all = unprovenRows(report)
  const unwritten = all.filter(({ types }) => types.length === 0)
  const others = all.filter(({ types }) => types.length > 0)
  if (all.length === 0) return html`<p>Every feature is freshly tested on every board type it names.</p>`
  const rows = others.map(
    ({ row, why, types }) =>
      html`<tr><th scope="row">${plain(row.feature.title)}</th><td>${types
        .map(type => typeTitle(type, report.labels))
        .join(', ')}</td><td>${why}</td></tr>`,
  )
  return html`${rows.length > 0 && table('Tested elsewhere or long ago', '', ['Feature', 'Board types', 'Why'], rows)}
${
  unwritten.length > 0 &&
  html`<h3>No test is written <span class="n">${unwritten.length}</span></h3>
<ul class="inline">${unwritten.map(({ row }) => html`<li>${plain(row.feature.title)}</li>`)}</ul>`
}`
}
