import { html, render } from 'lit-html'
import { clearFilter, filter, isFiltered } from './filter.js'
import { run } from './run.js'
import { cycleTheme, themeName } from './theme.js'
import { MARKS, VERDICTS, WHOSE, count } from './words.js'

const counts = Map.groupBy(run.cells, ({ verdict }) => verdict)
const blames = [...new Set(run.cells.flatMap(({ blame }) => blame ?? []))].sort()

/**
 * The search and the filters, with how many results they leave.
 * @param {HTMLElement} place
 * @param {number} found
 * @param {() => void} changed
 */
export function showToolbar(place, found, changed) {
  const all = run.cells.length
  /** @param {string} verdict */
  const toggle = verdict => {
    if (!filter.verdicts.delete(verdict)) filter.verdicts.add(verdict)
    changed()
  }
  place.hidden = false
  render(
    html`<div class="tools">
<input id="search" type="search" aria-label="Search features, boards, tests and faults" placeholder="Search features, boards, tests, faults" autocomplete="off" spellcheck="false" .value=${filter.text} @input=${(
      /** @type {InputEvent} */ event,
    ) => {
      filter.text = /** @type {HTMLInputElement} */ (event.target).value
      changed()
    }}>
<div class="chips" role="group" aria-label="Verdicts">${VERDICTS.filter(verdict =>
      counts.has(/** @type {never} */ (verdict)),
    ).map(
      verdict =>
        html`<button type="button" class="chip ${verdict}" aria-pressed=${filter.verdicts.has(verdict) ? 'true' : 'false'} @click=${() => toggle(verdict)}><span class="mark" aria-hidden="true">${MARKS[verdict]}</span> ${verdict} <span class="n">${counts.get(/** @type {never} */ (verdict))?.length}</span></button>`,
    )}</div>
${select(
  'Board',
  'board',
  run.boards.map(({ name }) => [name, name]),
  changed,
)}
${select(
  'Whose fault',
  'blame',
  blames.map(blame => [blame, WHOSE[blame] ?? blame]),
  changed,
)}
<button type="button" class="plain" ?hidden=${!isFiltered()} @click=${() => {
      clearFilter()
      changed()
      document.getElementById('search')?.focus()
    }}>Clear</button>
<p id="count" role="status">${found === all ? count(all, 'result') : `${found} of ${count(all, 'result')}`}</p>
<button type="button" class="plain" title="Colours of this page" aria-label=${`Theme: ${themeName()}`} @click=${() => {
      cycleTheme()
      changed()
    }}><span aria-hidden="true">◐</span> ${themeName()}</button>
</div>`,
    place,
  )
}

/**
 * @param {string} label
 * @param {'board' | 'blame'} key
 * @param {string[][]} options
 * @param {() => void} changed
 */
function select(label, key, options, changed) {
  if (options.length < 2) return ''
  return html`<select aria-label=${label} .value=${filter[key]} @change=${(/** @type {Event} */ event) => {
    filter[key] = /** @type {HTMLSelectElement} */ (event.target).value
    changed()
  }}><option value="">${label}: any</option>${options.map(
    ([value, text]) => html`<option value=${value} ?selected=${filter[key] === value}>${text}</option>`,
  )}</select>`
}
