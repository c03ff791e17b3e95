/** @import { PageCell } from '../page-data.ts' */
import { html, render } from 'lit-html'
import { isFiltered, wordsWanted } from './filter.js'
import { boardOf, featureOf, place, placeOf, run, slugOf } from './run.js'
import { MARKS, count, duration, briefly, wordOf } from './words.js'

const AT_ONCE = 200
let limit = AT_ONCE

/** A new question begins at its beginning. */
export function resetLimit() {
  limit = AT_ONCE
}

/**
 * The cells that fit, by feature. Long lists come in parts.
 * @param {HTMLElement} section
 * @param {readonly number[]} found
 */
export function showResults(section, found) {
  const cells = found.slice(0, limit).flatMap(index => run.cells[index] ?? [])
  const oneBoard = new Set(cells.map(({ board }) => board)).size === 1
  const groups = [...Map.groupBy(cells, ({ feature }) => feature).values()]
  const rest = found.length - cells.length
  section.hidden = false
  render(
    html`<h2 id="results-title">Results</h2>
${oneBoard ? html`<ul class="group">${cells.map(cell => html`<li>${row(cell, featureOf(cell).title)}${foundTests(cell)}</li>`)}</ul>` : groups.map(own => group(own))}
${found.length === 0 ? html`<p class="hint">Nothing fits. Escape in the search field clears it.</p>` : ''}
${
  rest > 0
    ? html`<p><button type="button" class="more" @click=${() => {
        limit += 5 * AT_ONCE
        showResults(section, found)
      }}>Show ${Math.min(rest, 5 * AT_ONCE)} more of ${rest}</button></p>`
    : ''
}`,
    section,
  )
}

/** @param {PageCell[]} cells */
function group(cells) {
  const [first] = cells
  if (!first) return ''
  const { id, title } = featureOf(first)
  return html`<div class="group"><h3>${title} ${title === id ? '' : html`<small>${id}</small>`}</h3><ul>${cells.map(cell => html`<li>${row(cell, boardOf(cell).name)}${foundTests(cell)}</li>`)}</ul></div>`
}

/**
 * @param {PageCell} cell
 * @param {string} name what tells it from its neighbours
 */
export function row(cell, name) {
  const { verdict, problem, blockedBy, reason, tests } = cell
  const passed = tests.filter(test => test.verdict === 'pass').length
  const says =
    blockedBy === undefined
      ? problem
        ? briefly(problem.seen)
        : verdict === 'pass'
          ? ''
          : (reason ?? '')
      : `by ${blockedBy}`
  const ms = tests.reduce((sum, test) => sum + test.durationMs, 0)
  return html`<a class="row ${verdict}" href=${placeOf(cell)}><span class="mark" aria-hidden="true">${MARKS[verdict]}</span><span class="where">${name}</span><span class="word">${wordOf(cell)}</span>${
    problem?.code.includes('/') ? html`<code>${problem.code}</code>` : ''
  }<span class="says">${says}</span><span class="time">${tests.length > 0 ? `${passed} of ${count(tests.length, 'test')}, ${duration(ms)}` : ''}</span></a>`
}

/**
 * Tests whose own titles were searched for.
 * @param {PageCell} cell
 */
function foundTests(cell) {
  const words = wordsWanted()
  if (!isFiltered() || words.length === 0) return ''
  const tests = cell.tests.filter(({ title }) => words.some(word => title.toLowerCase().includes(word)))
  if (tests.length === 0) return ''
  return html`<ul class="found">${tests
    .slice(0, 5)
    .map(
      test =>
        html`<li><a class="sub ${test.verdict}" href=${place(featureOf(cell).id, boardOf(cell).name, slugOf(cell, test))}><span class="mark" aria-hidden="true">${MARKS[test.verdict]}</span> ${test.title}</a></li>`,
    )}</ul>`
}
