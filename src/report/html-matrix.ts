import type { Cell, RunMatrix } from '../model/cell.ts'
import type { Feature } from '../model/feature.ts'
import { html, type Markup, place } from './html-text.ts'
import { blameOf, MARKS, plainTitle, rowsOf } from './words.ts'

/** The run at a glance: features by boards, every cell a way to its story. */
export function matrixSection(matrix: RunMatrix, features: readonly Feature[]): Markup {
  const cells = new Map(matrix.cells.map(cell => [`${cell.feature}\n${cell.board}`, cell]))
  const titles = new Map(features.map(({ id }) => [id, plainTitle(id, features)]))
  return html`<section aria-labelledby="matrix-title" id="matrix">
<h2 id="matrix-title">Features by boards</h2>
<div class="scroll" tabindex="0" role="region" aria-label="Table of features by boards">
<table class="matrix">
<thead><tr><th scope="col">Feature</th>${matrix.boards.map(
    ({ board, type, twin }) =>
      html`<th scope="col"><a href="#${place(`board:${board}`)}">${board}</a><small>${type}${twin && ' twin'}</small></th>`,
  )}</tr></thead>
<tbody>${rowsOf(matrix).map(
    feature => html`
<tr><th scope="row">${titles.get(feature) ?? feature}<small>${feature}</small></th>${matrix.boards.map(({ board }) =>
      tableCell(cells.get(`${feature}\n${board}`)),
    )}</tr>`,
  )}
</tbody>
</table>
</div>
</section>`
}

function tableCell(cell: Cell | undefined): Markup {
  if (!cell) return html`<td><span class="none"><span class="unseen">not planned on this board</span></span></td>`
  const { feature, board, verdict, blockedBy } = cell
  const says = blockedBy ? 'blocked' : verdict
  const hint = blockedBy ? `blocked by ${blockedBy}` : (blameOf(cell) ?? cell.reason ?? verdict)
  return html`<td><a class="cell ${verdict}" href="#${place(feature, board)}" title="${hint}"><span class="mark" aria-hidden="true">${MARKS[verdict]}</span>${says}</a></td>`
}
