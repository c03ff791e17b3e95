/** @import { ConsoleExcerpt } from '../page-data.ts' */
import { html } from 'lit-html'
import { count, moment, size } from './words.js'

/**
 * Whether a line is of hil's own commands: framed for programs by `~`, perhaps behind prompts, or prompts alone. A reader
 * wants what the board itself said.
 * @param {string} line
 */
export function isOwn(line) {
  const text = line.trim()
  return text !== '' && (/(?:^|[$#] ?)~.*~$/.test(text) || text.split(/\s+/).every(word => /^[^$#]+[$#]$/.test(word)))
}

/**
 * A part of a console with the time of each line.
 * @param {object} options
 * @param {ConsoleExcerpt} options.excerpt
 * @param {string} options.name what it is the console of, for people
 * @param {number | undefined} options.startMs the moment that counts as zero
 * @param {string | undefined} options.recording
 * @param {(atMs: number) => string} [options.link] where a moment of it is
 */
export function consoleView({ excerpt, name, startMs, recording, link }) {
  const zero = startMs ?? excerpt.lines[0]?.[0] ?? 0
  const own = excerpt.lines.filter(([, text]) => isOwn(text)).length
  const onlyOwn = own === excerpt.lines.length
  return html`<div class="console-view">
<p class="caption">${caption(excerpt, recording)}${
    own > 0 && !onlyOwn
      ? html` <label><input type="checkbox" @change=${toggleOwn}> show ${count(own, 'line')} of hil's own commands</label>`
      : ''
  }</p>
<div class="console ${onlyOwn ? '' : 'quiet-own'}" role="region" tabindex="0" aria-label=${`Console of ${name}`}><ol>${excerpt.lines.map(
    ([atMs, text]) => line(atMs, text, zero, link),
  )}</ol></div>
</div>`
}

/**
 * @param {ConsoleExcerpt} excerpt
 * @param {string | undefined} recording
 */
function caption({ from, to, leftOutBytes }, recording) {
  const bytes = `bytes ${from}–${to}`
  const whole = recording ? html`<a href=${recording}>the whole recording</a>` : 'the recording'
  const cut =
    leftOutBytes > 0
      ? html`<b>${size(leftOutBytes)} before it are not in this page:</b> see ${whole}`
      : html`of ${whole}`
  return html`${bytes} (${size(to - from)}) ${cut}.`
}

/**
 * @param {number | null} atMs
 * @param {string} text
 * @param {number} zero
 * @param {((atMs: number) => string) | undefined} link
 */
function line(atMs, text, zero, link) {
  const own = isOwn(text) ? 'own' : ''
  if (atMs === null) return html`<li class=${own}><span class="at"></span> <span>${text}</span></li>`
  const said = moment(atMs - zero)
  const at = link
    ? html`<a class="at" tabindex="-1" href=${link(atMs - zero)}>${said}</a>`
    : html`<span class="at">${said}</span>`
  return html`<li class=${own} data-at=${atMs - zero}>${at} <span>${text}</span></li>`
}

/** @param {Event} event */
function toggleOwn(event) {
  const box = /** @type {HTMLInputElement} */ (event.target)
  box.closest('.console-view')?.querySelector('.console')?.classList.toggle('quiet-own', !box.checked)
}

/**
 * Shows the line that was there at a moment: the last one that had begun by then.
 * @param {Element | null | undefined} view
 * @param {number} atMs
 * @param {boolean} [inside] scrolls the console only, not the page
 */
export function jumpTo(view, atMs, inside = false) {
  const lines = [...(view?.querySelectorAll('li[data-at]') ?? [])].filter(li => li.getClientRects().length > 0)
  for (const marked of view?.querySelectorAll('li.here') ?? []) marked.classList.remove('here')
  const line = lines.findLast(li => Number(li.getAttribute('data-at')) <= atMs + 0.5) ?? lines[0]
  line?.classList.add('here')
  const box = view?.querySelector('.console')
  if (inside && box && line)
    box.scrollTop += line.getBoundingClientRect().bottom - box.getBoundingClientRect().bottom + 24
  else line?.scrollIntoView({ block: 'center' })
  return line !== undefined
}
