import { humanDuration } from '../base/text.ts'
import type { MatrixBoard, RunMatrix } from '../model/cell.ts'
import { STAGES } from '../model/event.ts'
import type { RunLinks } from './html.ts'
import { html, type Markup, place } from './html-text.ts'
import { toldRecovery } from './recovery-words.ts'
import { durationMs, short } from './words.ts'

type Recovery = NonNullable<MatrixBoard['recoveries']>[number]

/** Each board with what was on it, and where its time went. */
export function boardSection(matrix: RunMatrix, links: RunLinks): Markup {
  if (matrix.boards.length === 0) return html``
  const totalMs = Math.max(1, durationMs(matrix))
  const used = STAGES.filter(stage => matrix.boards.some(({ stages }) => stages.some(s => s.stage === stage)))
  return html`<section aria-labelledby="boards-title" id="boards">
<h2 id="boards-title">Boards and where the time went</h2>
<p class="legend" aria-hidden="true">${used.map(stage => html`<span><i class="stage ${stage}"></i>${stage}</span>`)}</p>
${matrix.boards.map(board => boardCard(board, totalMs, links.consoles?.[board.board]))}
<div class="axis" aria-hidden="true">${axis(totalMs).map(
    ms => html`<span style="left:${percent(ms, totalMs)}">${tick(ms)}</span>`,
  )}</div>
</section>`
}

function boardCard(board: MatrixBoard, totalMs: number, recording: string | undefined): Markup {
  return html`<article class="board" id="${place(`board:${board.board}`)}">
<div class="who"><h3>${board.board}</h3><p>${board.type}${board.twin && html` <span class="tag">twin</span>`}</p></div>
<div>
<ol class="track" aria-label="Stages of ${board.board}">${board.stages.map(stage => stageBar(stage, totalMs))}${board.recoveries?.map(recovery => recoveryBar(recovery, totalMs))}</ol>
${board.recoveries && html`<ul class="facts">${board.recoveries.map(recovery => html`<li>after ${humanDuration(recovery.fromMs)}: ${toldRecovery(recovery)}</li>`)}</ul>`}
<p class="facts">${imageFacts(board)}${recording && html`<a href="${recording}">console recording</a>`}</p>
</div>
</article>`
}

function stageBar({ stage, fromMs, durationMs }: MatrixBoard['stages'][number], totalMs: number): Markup {
  const says = `${stage} ${humanDuration(durationMs)}`
  const fits = durationMs / totalMs > 0.09
  return html`<li class="stage ${stage}" style="left:${percent(fromMs, totalMs)};width:${percent(durationMs, totalMs)}" title="${says}, begun after ${humanDuration(fromMs)}"><span${
    !fits && html` class="unseen"`
  }>${says}</span></li>`
}

function recoveryBar({ rung, why, fromMs, durationMs, helped }: Recovery, totalMs: number): Markup {
  const says = `${rung}${helped ? '' : ', in vain'}`
  return html`<li class="stage recovery${!helped && ' vain'}" style="left:${percent(fromMs, totalMs)};width:${percent(durationMs, totalMs)}" title="${says}, ${humanDuration(durationMs)}: ${why}"><span class="unseen">${says}</span></li>`
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
