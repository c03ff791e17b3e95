import { html, render } from 'lit-html'
import { consoleView } from './console.js'
import { row } from './results.js'
import { bootOf, featureOf, run } from './run.js'
import { count } from './words.js'

/**
 * One board: its boot on the console, and all that was found out on it.
 * @param {HTMLElement} section
 * @param {number} index
 */
export function showBoard(section, index) {
  const board = run.boards[index]
  if (!board) return
  const { name, type, twin, recording, hostKey } = board
  const cells = run.cells.filter(cell => cell.board === index)
  const boot = bootOf(board)
  const track = document.getElementById(encodeURIComponent(`board:${name}`))?.querySelector('.track')
  render(
    html`<nav aria-label="Results"><a href="#boards">← All results</a></nav>
<article aria-labelledby="detail-title">
<h2 id="detail-title" tabindex="-1">${name} <small>${type}${twin ? ', a twin' : ''}</small></h2>
<p class="facts">${recording ? html`<a href=${recording}>console recording</a>` : ''}${hostKey ? html`<span>host key <code>${hostKey}</code></span>` : ''}</p>
${track ? track.cloneNode(true) : ''}
<h3>${count(cells.length, 'feature')}</h3>
<ul class="group">${cells.map(cell => html`<li>${row(cell, featureOf(cell).title)}</li>`)}</ul>
<h3>Console from power-on to login</h3>
${
  boot
    ? consoleView({ excerpt: boot, name: `${name} while it booted`, startMs: undefined, recording })
    : html`<p class="caption">Nothing of it is in this page.</p>`
}
</article>`,
    section,
  )
}
