/** @import { PageCell, PageImage } from '../page-data.ts' */
import { html, render } from 'lit-html'
import { consoleView, jumpTo } from './console.js'
import { boardOf, bootOf, featureOf, imageOf, place, run, slugOf } from './run.js'
import { failedAtMs, problemView, testView } from './test.js'
import { MARKS, count, wordOf } from './words.js'

/** Which tests of which cell the reader opened or closed. */
let shown = -1
/** No test has this slug: it has a colon. */
const BOOT = ':boot'
/** @type {Map<string, boolean>} */
let opened = new Map()

/**
 * One feature on one board.
 * @param {HTMLElement} section
 * @param {number} index
 * @param {{ test?: string, atMs?: number }} wanted
 * @param {{ previous?: string | undefined, next?: string | undefined }} around
 */
export function showCell(section, index, wanted, around) {
  const cell = run.cells[index]
  if (!cell) return
  if (shown !== index) opened = new Map()
  shown = index
  if (wanted.test) opened.set(wanted.test, true)
  draw(section, cell, around)
  const test = wanted.test ? document.getElementById(`test-${wanted.test}`) : null
  if (wanted.atMs !== undefined && jumpTo(test?.querySelector('.console-view'), wanted.atMs)) return
  for (const failed of cell.tests.filter(({ verdict }) => verdict === 'fail' || verdict === 'error')) {
    const view = document.querySelector(`#test-${CSS.escape(slugOf(cell, failed))} .console-view`)
    if (view) jumpTo(view, failedAtMs(failed), true)
  }
  test?.scrollIntoView({ block: 'start' })
}

/**
 * @param {HTMLElement} section
 * @param {PageCell} cell
 * @param {{ previous?: string | undefined, next?: string | undefined }} around
 */
function draw(section, cell, around) {
  const { verdict, problem, blockedBy, reason, tests, again } = cell
  const { title, id } = featureOf(cell)
  const { name } = boardOf(cell)
  const worst = tests.find(test => test.verdict === verdict)
  const boot = bootView(cell, tests.length === 0 || (problem !== undefined && !worst), () =>
    draw(section, cell, around),
  )
  render(
    html`<nav aria-label="Results"><a href="#results">← All results</a><span>${
      around.previous ? html`<a href=${around.previous} rel="prev">Previous <kbd>k</kbd></a>` : ''
    } ${around.next ? html`<a href=${around.next} rel="next">Next <kbd>j</kbd></a>` : ''}</span></nav>
<article aria-labelledby="detail-title">
<h2 id="detail-title" tabindex="-1"><span class="cell ${verdict}"><span class="mark" aria-hidden="true">${MARKS[verdict]}</span>${wordOf(cell)}</span> ${title} on ${name} ${title === id ? '' : html`<small>${id}</small>`}</h2>
${facts(cell)}
${
  blockedBy === undefined
    ? ''
    : html`<p>Not tried: <a href=${place(blockedBy, name)}>${blockedBy}</a> failed on this board and image.</p>`
}
${problem ? html`<div class="problem ${verdict}">${worst && tests.length > 1 ? html`<p class="quiet">Test: ${worst.title}</p>` : ''}${problemView(problem)}${again ? html`<p class="again">Try it alone: <code>${again}</code></p>` : ''}</div>` : reason && blockedBy === undefined ? html`<p>${reason}</p>` : ''}
${tests.length > 0 ? html`<h3>${count(tests.length, 'test')}</h3>` : ''}
<div class="tests">${tests.map(test => {
      const open = opened.get(slugOf(cell, test)) ?? (test === worst && verdict !== 'pass' && verdict !== 'skip')
      return testView(cell, test, open, test === worst && problem !== undefined, isOpen => {
        if (isOpen === open) return
        opened.set(slugOf(cell, test), isOpen)
        draw(section, cell, around)
      })
    })}</div>
${boot}
</article>`,
    section,
  )
}

/**
 * What the board said before its tests: open where that is where it went wrong.
 * @param {PageCell} cell
 * @param {boolean} decides
 * @param {() => void} redraw
 */
function bootView(cell, decides, redraw) {
  const board = boardOf(cell)
  if (board.boot === undefined) return ''
  const open = opened.get(BOOT) ?? decides
  const excerpt = open ? bootOf(board) : undefined
  return html`<details class="test boot" ?open=${open} @toggle=${(/** @type {Event} */ event) => {
    const isOpen = /** @type {HTMLDetailsElement} */ (event.target).open
    if (isOpen === open) return
    opened.set(BOOT, isOpen)
    redraw()
  }}><summary><span class="title">Console from power-on to login</span></summary>${
    excerpt
      ? html`<div class="inside">${consoleView({ excerpt, name: `${board.name} while it booted`, startMs: undefined, recording: board.recording })}</div>`
      : ''
  }</details>`
}

/** @param {PageCell} cell */
function facts(cell) {
  const { name, type, twin, flash } = boardOf(cell)
  return html`<p class="facts"><span>board <a href=${place(`board:${name}`)}>${name}</a> (${type}${twin ? ', a twin' : ''})</span>${imageView(imageOf(cell))}<span>${flash === 'verified' ? 'flash read back and equal' : `flash: ${flash}`}</span></p>`
}

/** @param {PageImage} image */
export function imageView({ sha256, name, commit, variant, line }) {
  if (sha256 === null) return html`<span>image unknown</span>`
  return html`<span>image ${name ?? ''}${variant ? ` (${variant})` : ''} <code title=${`SHA-256 ${sha256}`}>${sha256.slice(0, 12)}</code></span><span>commit <code title=${commit ?? 'unknown'}>${commit?.slice(0, 12) ?? '—'}</code></span>${line ? html`<span>proven to come from ${line}</span>` : ''}`
}
