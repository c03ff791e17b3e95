import { SECTIONS } from '../../model/feature.ts'
import type { Status } from '../../model/status.ts'
import { html, type Markup } from '../html-text.ts'
import type { ChangeKind, ReleaseCell } from './cell.ts'
import { typeTitle } from './line.ts'
import { pill } from './page-parts.ts'
import type { ReleaseReport, ReleaseRow } from './release.ts'
import { cellLook, STATUS_WORDS, type Look, plain } from './words.ts'

const ROW_LOOKS: Record<Status, Look> = {
  '✅': { tone: 'pass', mark: '✓', word: STATUS_WORDS['✅'] },
  '🚧': { tone: 'open', mark: '○', word: STATUS_WORDS['🚧'] },
  '❌': { tone: 'fail', mark: '✗', word: STATUS_WORDS['❌'] },
}

/** Features by board types, in the sections and the order of the status page. */
export function matrixTable({ rows, types, labels, to }: ReleaseReport): Markup {
  const head = ['Feature', to, ...types.map(type => typeTitle(type, labels))]
  return html`<div class="scroll" tabindex="0" role="group" aria-label="Features by board type">
<table class="matrix">
<thead><tr>${head.map(text => html`<th scope="col">${text}</th>`)}</tr></thead>
${SECTIONS.map(section => {
  const own = rows.filter(({ feature }) => feature.section === section)
  return (
    own.length > 0 &&
    html`<tbody>
<tr class="group"><th scope="rowgroup" colspan="${head.length}">${section}</th></tr>
${own.map(matrixRow)}</tbody>
`
  )
})}</table>
</div>`
}

function matrixRow({ feature, row, cells }: ReleaseRow): Markup {
  const nothing = feature.suite === undefined && cells.every(isSilent)
  const found = nothing
    ? html`<td class="quiet" colspan="${cells.length}">no test is written</td>`
    : cells.map(cell => html`<td title="${cell.now.evidence ? cell.now.why : ''}">${matrixCell(cell)}</td>`)
  return html`<tr><th scope="row">${plain(feature.title)} <small>${feature.devices.join(', ')}</small></th><td title="${row.why}">${pill(ROW_LOOKS[row.status])}</td>${found}</tr>\n`
}

/** Nothing was ever found there that would be worth a column. */
function isSilent({ now, before, twin }: ReleaseCell): boolean {
  return !now.evidence && !before?.evidence && twin.status === 'never'
}

const TAGS: Partial<Record<ChangeKind, string>> = {
  broken: 'new fail',
  fixed: 'fixed',
  new: 'new',
  untested: 'was tested',
}

function matrixCell(cell: ReleaseCell): Markup {
  const look = cellLook(cell)
  const tag = cell.change && TAGS[cell.change]
  const virtual = { pass: 'virtual: passes', fail: 'virtual: fails', never: undefined }[cell.twin.status]
  const extra = !cell.reference && look.word !== '' ? 'not named' : undefined
  return html`${look.word === '' && !virtual ? html`<span class="quiet" aria-label="not named">–</span>` : look.word !== '' && pill(look)}${[
    tag,
    extra,
    virtual,
  ]
    .filter(text => text !== undefined)
    .map(text => html` <small>${text}</small>`)}`
}
