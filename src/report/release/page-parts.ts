import type { Evidence } from '../../model/cell.ts'
import { html, type Markup } from '../html-text.ts'
import { short } from '../words.ts'
import type { Look } from './words.ts'
import { day } from './words.ts'

/** A status by colour, sign and word; the sign is not read out, the word is. */
export function pill({ tone, mark, word }: Look): Markup {
  return html`<span class="pill ${tone}${tone === 'none' && ' bare'}"><i aria-hidden="true">${mark}</i>${word}</span>`
}

/** A table that scrolls inside the page where it is too wide, also by keyboard. */
export function table(name: string, kind: string, head: readonly string[], rows: readonly Markup[]): Markup {
  return html`<div class="scroll" tabindex="0" role="group" aria-label="${name}">
<table class="${kind}">
<thead><tr>${head.map(text => html`<th scope="col">${text}</th>`)}</tr></thead>
<tbody>
${rows.map(row => html`${row}\n`)}</tbody>
</table>
</div>`
}

/** Where something was found, on which image. */
export function proof({ run, board, at, imageSha256, commit }: Evidence): Markup {
  return html`run <code>${run}</code> on ${board}, <span class="nowrap">${day(at)}</span>, image <code title="SHA-256 ${imageSha256}">${short(imageSha256)}</code>, commit ${
    commit === null ? 'unknown' : html`<code title="${commit}">${short(commit)}</code>`
  }`
}
