import { humanDuration } from '../base/text.ts'
import type { MatrixBoard, RunMatrix } from '../model/cell.ts'
import { STAGES } from '../model/event.ts'
import type { RunLinks } from './html.ts'
import { anchor, html, type Markup } from './html-text.ts'
import { durationMs, short } from './words.ts'

/** Each board with what was on it, and where its time went. */
export function boardSection(matrix: RunMatrix, links: RunLinks): Markup {
  const totalMs = Math.max(1, durationMs(matrix))
  const used = STAGES.filter(stage => matrix.boards.some(({ stages }) => stages.some(s => s.stage === stage)))
  return html`<section>
<h2>Boards</h2>
<p class="legend">${used.map(stage => html`<span><i class="stage ${stage}"></i>${stage}</span>`)}</p>
${matrix.boards.map(board => boardCard(board, totalMs, links.consoles?.[board.board]))}
<div class="axis" aria-hidden="true">${axis(totalMs).map(
    ms => html`<span style="left:${percent(ms, totalMs)}">${tick(ms)}</span>`,
  )}</div>
</section>`
}

function boardCard(board: MatrixBoard, totalMs: number, recording: string | undefined): Markup {
  return html`<article class="board" id="${anchor('board', board.board)}">
<div class="who"><h3>${board.board}</h3><p>${board.type}${board.twin && html` <span class="tag">twin</span>`}</p></div>
<div>
<div class="track" role="img" aria-label="${spoken(board)}">${board.stages.map(
    ({ stage, fromMs, durationMs }) =>
      html`<i class="stage ${stage}" style="left:${percent(fromMs, totalMs)};width:${percent(durationMs, totalMs)}" title="${stage} ${humanDuration(durationMs)}">${
        durationMs / totalMs > 0.09 && `${stage} ${humanDuration(durationMs)}`
      }</i>`,
  )}</div>
<p class="facts">${imageFacts(board)}${recording && html`<a href="${recording}">console recording</a>`}</p>
</div>
</article>`
}

function imageFacts({ imageSha256, imageName, commit, variant, flash, hostKey }: MatrixBoard): Markup[] {
  if (!imageSha256) return [html`<span>image unknown, ${flash}</span>`]
  return [
    html`<span>${imageName ?? 'image'}${variant && ` (${variant})`} <code title="SHA-256 ${imageSha256}">${short(imageSha256)}</code></span>`,
    html`<span>commit <code title="${commit ?? 'unknown'}">${short(commit)}</code></span>`,
    html`<span>${flash === 'verified' ? 'flash read back and equal' : `flash: ${flash}`}</span>`,
    ...(hostKey ? [html`<span>host key <code>${hostKey}</code></span>`] : []),
  ]
}

function spoken({ board, stages }: MatrixBoard): string {
  return `${board}: ${stages.map(({ stage, durationMs }) => `${stage} ${humanDuration(durationMs)}`).join(', ') || 'no stage'}`
}

/** Four to eight round times along the run. */
function axis(totalMs: number): number[] {
  const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600].map(s => s * 1000)
  const step = steps.find(step => totalMs / step <= 8) ?? Math.ceil(totalMs / 8)
  return Array.from({ length: Math.floor(totalMs / step) + 1 }, (_, n) => n * step).filter(ms => ms < totalMs * 0.9)
}

/** `45 s`, `2 min`, `1 min 30 s`. */
function tick(ms: number): string {
  return humanDuration(ms)
    .replace(/\.0 s$/, ' s')
    .replace(' 00 s', '')
}

function percent(ms: number, totalMs: number): string {
  return `${((100 * ms) / totalMs).toFixed(2)}%`
}
