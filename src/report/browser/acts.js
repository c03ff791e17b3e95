/** @import { Act } from '../page-data.ts' */
import { html } from 'lit-html'
import { duration, moment } from './words.js'

/**
 * What a test did, in order: its steps, and the commands it ran with what they said.
 * @param {readonly Act[]} acts
 * @param {number} durationMs of the whole test
 * @param {((atMs: number) => void) | undefined} jump shows a moment on the console
 */
export function actsView(acts, durationMs, jump) {
  const wholeMs = Math.max(1, durationMs, ...acts.map(act => act.atMs + act.durationMs))
  return html`<ol class="acts">${acts.map(act => {
    const failed = act.error !== undefined
    const bar = `left:${clamp(act.atMs / wholeMs)}%;width:${clamp(act.durationMs / wholeMs)}%`
    return html`<li class=${failed ? 'act fail' : 'act'} style=${`--depth:${Math.min(act.depth, 6)}`}>
<div class="line">${
      jump
        ? html`<button type="button" class="at" title="Show this moment on the console" @click=${() => jump(act.atMs)}>${moment(act.atMs)}</button>`
        : html`<span class="at">${moment(act.atMs)}</span>`
    }${title(act)}<span class="span" aria-hidden="true"><i style=${bar}></i></span><span class="time">${duration(act.durationMs)}</span></div>
${failed ? html`<pre class="said">${act.error}</pre>` : ''}${output(act)}
</li>`
  })}</ol>`
}

/** @param {number} part */
function clamp(part) {
  return Math.min(100, Math.max(0, part * 100)).toFixed(1)
}

/** @param {Act} act */
function title({ title, shell, where, exitCode, error }) {
  if (shell === undefined)
    return html`<span class="what">${error === undefined ? '' : html`<span class="mark" aria-label="failed">✗</span> `}${title}${where ? html` <small>${where}</small>` : ''}</span>`
  const code = exitCode === undefined ? 'no end' : exitCode === 0 ? '' : `exit ${exitCode}`
  return html`<span class="what command"><span class="tag">${shell}</span> <code>${title}</code>${code ? html` <b class="exit">${code}</b>` : ''}</span>`
}

/** @param {Act} act */
function output({ shell, stdout, stderr, cutChars }) {
  if (shell === undefined || (stdout === undefined && stderr === undefined)) return ''
  const lines = `${stdout ?? ''}\n${stderr ?? ''}`.trim().split('\n').length
  const text = html`${stdout === undefined ? '' : html`<pre class="said">${stdout}</pre>`}${
    stderr === undefined ? '' : html`<pre class="said stderr" aria-label="standard error">${stderr}</pre>`
  }${cutChars === undefined ? '' : html`<p class="caption">${cutChars} characters more are not kept.</p>`}`
  return lines <= 4 ? text : html`<details class="output"><summary>${lines} lines of output</summary>${text}</details>`
}
