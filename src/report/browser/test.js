/** @import { PageCell, PageTest, Problem } from '../page-data.ts' */
import { html } from 'lit-html'
import { actsView } from './acts.js'
import { consoleView, isOwn, jumpTo } from './console.js'
import { filesView } from './files.js'
import { boardOf, chunkOf, featureOf, place, slugOf } from './run.js'
import { MARKS, duration } from './words.js'

/**
 * One test: closed it is a line, open it tells all that is known.
 * @param {PageCell} cell
 * @param {PageTest} test
 * @param {boolean} open
 * @param {boolean} told its problem stands above already
 * @param {(open: boolean) => void} toggled
 */
export function testView(cell, test, open, told, toggled) {
  const { verdict, title, durationMs, attempt } = test
  const slug = slugOf(cell, test)
  const here = place(featureOf(cell).id, boardOf(cell).name, slug)
  return html`<details class="test ${verdict}" id=${`test-${slug}`} ?open=${open} @toggle=${(
    /** @type {Event} */ event,
  ) => toggled(/** @type {HTMLDetailsElement} */ (event.target).open)}>
<summary><span class="mark" aria-hidden="true">${MARKS[verdict]}</span> <span class="title">${title}${
    attempt ? html` <small>attempt ${attempt + 1}</small>` : ''
  }</span> <span class="word">${verdict}</span><span class="time">${duration(durationMs)}</span></summary>
${open ? html`<div class="inside">${inside(cell, test, told)}<p class="caption"><a href=${here}>Link to this test</a></p></div>` : ''}
</details>`
}

/**
 * @param {PageCell} cell
 * @param {PageTest} test
 * @param {boolean} told
 */
function inside(cell, test, told) {
  const { problem, reason, verdict, durationMs, lines, bytes, title } = test
  const slug = slugOf(cell, test)
  const chunk = chunkOf(test)
  const { name, recording } = boardOf(cell)
  const said = (lines ?? []).filter(line => !isOwn(line))
  const timed = chunk?.startedAtMs !== undefined && chunk.console?.lines.some(([atMs]) => atMs !== null)
  /** @param {number} atMs */
  const jump = atMs => jumpTo(document.querySelector(`#test-${CSS.escape(slug)} .console-view`), atMs)
  /** @param {number} atMs */
  const link = atMs => `${place(featureOf(cell).id, name, slug)}@${Math.round(atMs)}`
  return html`${problem && !told ? problemView(problem) : ''}
${reason && (!problem || told) && verdict !== 'fail' ? html`<p>${reason}</p>` : ''}
${reason && verdict === 'fail' ? html`<details class="output"><summary>What the expectation said</summary><pre class="said">${reason}</pre></details>` : ''}
${chunk && chunk.acts.length > 0 ? html`<h4>Steps and commands</h4>${actsView(chunk.acts, durationMs, timed ? jump : undefined)}` : ''}
${chunk?.leftOut.map(text => html`<p class="caption">Not in this page: ${text}.</p>`)}
${chunk && chunk.files.length > 0 ? html`<h4>Attachments</h4>${filesView(chunk.files)}` : ''}
${
  chunk?.console && chunk.console.lines.length > 0
    ? html`<h4>Console</h4>${consoleView({ excerpt: chunk.console, name: `${name} during ${title}`, startMs: chunk.startedAtMs, recording, link })}`
    : said.length > 0
      ? html`<h4>Console</h4><p class="caption">The last lines${bytes ? html`, bytes ${bytes[0]}–${bytes[1]}` : ''} of ${recording ? html`<a href=${recording}>the recording</a>` : 'the recording'}.</p><pre>${said.join('\n')}</pre>`
      : html`<p class="caption">The console said nothing of its own during this test.</p>`
}`
}

/**
 * The moment a test failed: that of its failed step, else its end.
 * @param {PageTest} test
 */
export function failedAtMs(test) {
  const failed = chunkOf(test)?.acts.findLast(({ error }) => error !== undefined)
  return failed ? failed.atMs + failed.durationMs : test.durationMs
}

/**
 * Whose fault it is, what was expected and seen, what to do.
 * @param {Problem} problem
 */
export function problemView({ code, whose, expected, seen, next, evidence }) {
  return html`<p class="blame"><span class="whose">${whose}</span>${code.includes('/') ? html` <code>${code}</code>` : ''}</p>
<dl class="story"><dt>Expected</dt><dd>${expected}</dd><dt>Seen</dt><dd>${seen}</dd><dt>Next</dt><dd>${next}</dd></dl>
${evidence.some(line => line.trim()) ? html`<pre>${evidence.join('\n')}</pre>` : ''}`
}
