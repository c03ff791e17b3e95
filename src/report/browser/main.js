/** @import { Route } from './route.js' */
import { html, render } from 'lit-html'
import { showBoard } from './board.js'
import { showCell } from './detail.js'
import { clearFilter, matching } from './filter.js'
import { listenToKeys } from './keys.js'
import { resetLimit, showResults } from './results.js'
import { routeNow } from './route.js'
import { boardOf, featureOf, placeOf, run } from './run.js'
import { showToolbar } from './toolbar.js'

const toolbar = element('toolbar')
const overview = element('overview')
const detail = element('detail')
const results = element('results')
const title = document.title
const allProblems = document.querySelector('#problems h2 small')?.textContent ?? ''
let found = matching()
/** Where the reader was before a result was opened. */
let left = { scroll: 0, href: '' }
let wasAll = true

const cellLinks = [...overview.querySelectorAll('#matrix a.cell')].map(link => ({
  link,
  href: link.getAttribute('href'),
}))
const problems = [.../** @type {NodeListOf<HTMLElement>} */ (overview.querySelectorAll('#problems .problem'))]

addEventListener('hashchange', () => go())
listenToKeys({ close, step, clear: () => changed(clearFilter) })
render(
  html`<kbd>/</kbd> search <kbd>j</kbd> <kbd>k</kbd> next and previous <kbd>Enter</kbd> open <kbd>Esc</kbd> back`,
  element('keys'),
)
element('keys').hidden = false
changed()
go()

/**
 * Draws what depends on the filter.
 * @param {() => void} [change]
 */
function changed(change) {
  change?.()
  found = matching()
  resetLimit()
  showToolbar(toolbar, found.length, changed)
  showResults(results, found)
  const places = new Set(found.flatMap(index => run.cells[index] ?? []).map(placeOf))
  for (const { link, href } of cellLinks) link.classList.toggle('off', !places.has(href ?? ''))
  for (const row of overview.querySelectorAll('#matrix tbody tr'))
    /** @type {HTMLElement} */ (row).hidden = !row.querySelector('a.cell:not(.off)')
  for (const problem of problems) {
    const own = [...problem.querySelectorAll('h3 a')].map(link => link.getAttribute('href') ?? '')
    problem.hidden = !own.some(href => places.has(href))
  }
  const section = document.getElementById('problems')
  const shown = problems.filter(problem => !problem.hidden).length
  if (section) section.hidden = shown === 0
  const counted = section?.querySelector('h2 small')
  if (counted) counted.textContent = shown === problems.length ? allProblems : `${shown} of ${allProblems}`
}

/** Shows what the address asks for. */
function go() {
  const route = routeNow()
  const all = route.kind === 'all'
  if (wasAll && !all) left = { scroll: scrollY, href: location.hash }
  overview.hidden = !all
  detail.hidden = all
  if (route.kind === 'all') {
    document.title = title
    if (!wasAll) comeBack()
  } else {
    scrollTo(0, 0)
    if (route.kind === 'cell') showCell(detail, route.cell, route, around(route.cell))
    else showBoard(detail, route.board)
    document.title = `${nameOf(route)} · ${title}`
    const heading = document.getElementById('detail-title')
    heading?.focus({ preventScroll: true })
  }
  wasAll = all
}

/** Back where the reader was, with the focus on what was open last. */
function comeBack() {
  scrollTo(0, left.scroll)
  const rows = [...overview.querySelectorAll('a.row, a.cell')]
  const back = rows.find(link => link.getAttribute('href') === left.href)
  if (back instanceof HTMLElement) back.focus({ preventScroll: true })
}

/** @returns {boolean} whether something was open */
function close() {
  if (routeNow().kind === 'all') return false
  location.hash = '#results'
  return true
}

/** @param {number} cell */
function around(cell) {
  const at = found.indexOf(cell)
  /** @param {number} index */
  const link = index => {
    const cell = run.cells[found[index] ?? -1]
    return cell && placeOf(cell)
  }
  return at < 0 ? {} : { previous: link(at - 1), next: link(at + 1) }
}

/**
 * The next or previous result: opened where one is open, else given the focus.
 * @param {1 | -1} by
 */
function step(by) {
  const route = routeNow()
  if (route.kind === 'cell') {
    const link = by > 0 ? around(route.cell).next : around(route.cell).previous
    if (link === undefined) return
    left.href = link
    location.replace(link)
    return
  }
  if (route.kind !== 'all') return
  const rows = [.../** @type {NodeListOf<HTMLElement>} */ (results.querySelectorAll('a.row'))]
  const at = rows.indexOf(/** @type {HTMLElement} */ (document.activeElement))
  const next = rows[at < 0 ? (by > 0 ? 0 : rows.length - 1) : at + by]
  next?.focus()
}

/** @param {Route} route */
function nameOf(route) {
  if (route.kind === 'board') return run.boards[route.board]?.name
  const cell = route.kind === 'cell' ? run.cells[route.cell] : undefined
  return cell && `${featureOf(cell).title} on ${boardOf(cell).name}`
}

/** @param {string} id */
function element(id) {
  const found = document.getElementById(id)
  if (!found) throw new Error(`the page has no #${id}`)
  return found
}
