import { count } from '../base/text.ts'
import type { Cell, RunMatrix } from '../model/cell.ts'
import type { Feature } from '../model/feature.ts'
import { html, type Markup, place } from './html-text.ts'
import type { Problem } from './page-data.ts'
import { cellProblem, whatElse } from './problem.ts'
import { MARKS, plainTitle } from './words.ts'

const MAX_CARDS = 40
const MAX_NAMED = 12
const MAX_LINES = 4
const ORDER = ['fail', 'error', 'miss']

/** Cells with one and the same thing wrong. */
interface Trouble {
  readonly problem: Problem
  readonly cells: Cell[]
  /** Cells that could not be tried because of these. */
  readonly blocked: Cell[]
}

/** What needs reading, worst first, each thing once: whose fault, what was expected and seen, what to do next. */
export function problemSection(matrix: RunMatrix, features: readonly Feature[]): Markup {
  const troubles = troublesOf(matrix.cells)
  if (troubles.length === 0) return html``
  const more = troubles.length - MAX_CARDS
  return html`<section aria-labelledby="problems-title" id="problems">
<h2 id="problems-title">What needs attention <small>${count(troubles.length, 'problem')}</small></h2>
${troubles.slice(0, MAX_CARDS).map(trouble => problemCard(trouble, features))}${
    more > 0 && html`<p class="quiet">${count(more, 'more problem')}: see the results below.</p>`
  }
</section>`
}

function troublesOf(cells: readonly Cell[]): Trouble[] {
  const found = new Map<string, Trouble>()
  const byPlace = new Map<string, Trouble>()
  for (const cell of cells) {
    const problem = cellProblem(cell)
    if (!problem) continue
    const key = [cell.verdict, problem.code, problem.expected, problem.seen].join('\n')
    const trouble = found.get(key) ?? { problem, cells: [], blocked: [] }
    trouble.cells.push(cell)
    found.set(key, trouble)
    byPlace.set(`${cell.feature}\n${cell.board}`, trouble)
  }
  for (const cell of cells)
    if (cell.blockedBy !== undefined) byPlace.get(`${cell.blockedBy}\n${cell.board}`)?.blocked.push(cell)
  const rank = ({ cells }: Trouble): number => ORDER.indexOf(cells[0]?.verdict ?? '')
  return [...found.values()].sort((a, b) => rank(a) - rank(b))
}

function problemCard({ problem, cells, blocked }: Trouble, features: readonly Feature[]): Markup {
  const [first] = cells
  if (!first) return html``
  const { verdict } = first
  return html`<article class="problem ${verdict}">
<h3><span class="mark" aria-hidden="true">${MARKS[verdict]}</span> ${placesOf(cells, features)}</h3>
<p class="blame"><span class="whose ${verdict}">${problem.whose}</span>${problem.code.includes('/') && html` <code>${problem.code}</code>`}${testLine(first)}</p>
<dl class="story"><dt>Expected</dt><dd>${problem.expected}</dd><dt>Seen</dt><dd>${problem.seen}</dd><dt>Next</dt><dd>${problem.next}</dd>${whatElse(first).map(([label, text]) => html`<dt>${label[0]!.toUpperCase() + label.slice(1)}</dt><dd>${text}</dd>`)}</dl>
${quoted(first, problem)}${blocked.length > 0 && html`<p class="quiet">Blocks ${linksTo(blocked, features)}.</p>`}
</article>`
}

function testLine({ tests, verdict }: Cell): Markup | false {
  const [worst, ...more] = tests.filter(test => test.verdict === verdict)
  return (
    worst !== undefined &&
    html`<span class="quiet">test “${worst.title}”${more.length > 0 && ` and ${more.length} more of ${tests.length}`}</span>`
  )
}

/** `netvm on nuc-1`; with several: the features of each board. */
function placesOf(cells: readonly Cell[], features: readonly Feature[]): Markup[] {
  const boards = Map.groupBy(cells, ({ board }) => board)
  const named = [...boards.values()].slice(0, MAX_NAMED)
  const links = named.map(
    (own, index) => html`${index > 0 && ' · '}${linksTo(own, features)} on ${own[0]?.board ?? ''}`,
  )
  return boards.size > named.length ? [...links, html` and on ${boards.size - named.length} more boards`] : links
}

function linksTo(cells: readonly Cell[], features: readonly Feature[]): Markup[] {
  const named = cells.slice(0, MAX_NAMED)
  const links = named.map(
    ({ feature, board }, index) =>
      html`${index > 0 && ', '}<a href="#${place(feature, board)}">${plainTitle(feature, features)}</a>`,
  )
  return cells.length > named.length ? [...links, html` and ${cells.length - named.length} more`] : links
}

/** The console lines nearest to the failure, without the serial shell's own. */
function quoted({ verdict, tests }: Cell, { evidence }: Problem): Markup | false {
  const said = tests.find(test => test.verdict === verdict)?.consoleLines ?? []
  const lines = [evidence, said]
    .map(lines => lines.filter(tellsPeople).slice(-MAX_LINES))
    .find(({ length }) => length > 0)
  return lines !== undefined && html`<pre>${lines.join('\n')}</pre>`
}

/** Frames of commands over the console begin and end with `~`: they are for programs. Prompts alone tell nothing either. */
function tellsPeople(line: string): boolean {
  const text = line.trim()
  return text !== '' && !/(?:^|[$#] ?)~.*~$/.test(text) && !text.split(/\s+/).every(word => /^[^$#]+[$#]$/.test(word))
}
