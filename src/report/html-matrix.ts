import type { Cell, RunMatrix } from '../model/cell.ts'
import type { Feature } from '../model/feature.ts'
import { anchor, html, type Markup } from './html-text.ts'
import { blameOf, MARKS, plainTitle, rowsOf } from './words.ts'

/** The run at a glance: features by boards, every cell a way to its story. */
export function matrixSection(matrix: RunMatrix, features: readonly Feature[]): Markup {
  const cells = new Map(matrix.cells.map(cell => [`${cell.feature}\n${cell.board}`, cell]))
  return html`<section>
<h2>Features by boards</h2>
<div class="scroll" tabindex="0" role="region" aria-label="Features by boards">
<table class="matrix">
<thead><tr><th scope="col">Feature</th>${matrix.boards.map(
    ({ board, type, twin }) =>
      html`<th scope="col"><a href="#${anchor('board', board)}">${board}</a><small>${type}${twin && ' twin'}</small></th>`,
  )}</tr></thead>
<tbody>${rowsOf(matrix).map(
    feature => html`
<tr><th scope="row"><a href="#${anchor('feature', feature)}">${plainTitle(feature, features)}</a><small>${feature}</small></th>${matrix.boards.map(
      ({ board }) => html`<td>${cellLink(cells.get(`${feature}\n${board}`))}</td>`,
    )}</tr>`,
  )}
</tbody>
</table>
</div>
</section>`
}

function cellLink(cell: Cell | undefined): Markup {
  if (!cell) return html`<span class="quiet" title="not planned on this board">·</span>`
  const { feature, board, verdict, blockedBy } = cell
  const says = blockedBy ? 'blocked' : verdict
  const hint = blockedBy ? `blocked by ${blockedBy}` : (blameOf(cell) ?? cell.reason ?? verdict)
  return html`<a class="cell ${verdict}" href="#${anchor(feature, board)}" title="${hint}"><span class="mark" aria-hidden="true">${MARKS[verdict]}</span>${says}</a>`
}
