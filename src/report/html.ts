import { humanDuration } from '../base/text.ts'
import type { RunMatrix } from '../model/cell.ts'
import type { Feature } from '../model/feature.ts'
import { pageScript, pageStyle } from './html-assets.ts'
import { DIAGNOSIS_WORDS, diagnosisSteps } from './diagnosis-words.ts'
import { boardSection } from './html-boards.ts'
import { pageData } from './html-data.ts'
import { matrixSection } from './html-matrix.ts'
import { problemSection } from './html-problems.ts'
import { html, jsonMarkup, jsonPieces, type Markup } from './html-text.ts'
import type { RunFiles } from './run-files.ts'
import { durationMs, humanTime, MARKS, outcomeOf, tally } from './words.ts'

/** Where the rest of a run lies, as paths relative to the page. What is absent is not linked. */
export interface RunLinks {
  readonly log?: string
  readonly junit?: string
  readonly status?: string
  /** Console recordings by board. */
  readonly consoles?: Readonly<Record<string, string>>
  /** The run's files, to quote consoles, commands and attachments from. */
  readonly files?: RunFiles
}

/**
 * A run as one HTML file that needs nothing else: no server and no network. Without its script it still shows what needs
 * attention, the matrix and the boards; the script adds every test with its steps, commands, console and attachments.
 *
 * Every text that came from a board or a file is escaped, and what is invisible in it is shown. Deterministic: the same
 * matrix and files give the same bytes. Takes time and room in proportion to the cells and tests.
 */
export function runPage(matrix: RunMatrix, features: readonly Feature[], links: RunLinks = {}): string {
  return [...pagePieces(matrix, features, links)].join('')
}

/** The page as `runPage` has it, piece by piece: of a large run nobody needs all of it in memory. */
export function* pagePieces(matrix: RunMatrix, features: readonly Feature[], links: RunLinks = {}): Generator<string> {
  const { head, cells, chunks } = pageData(matrix, features, links)
  yield html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${outcomeOf(matrix)} · ${matrix.run}</title>
<style>${pageStyle()}</style>
</head>
<body>
<a class="skip-link" href="#main">Skip to the results</a>
${header(matrix, links)}
<search id="toolbar" hidden></search>
<main id="main" tabindex="-1">
<div id="detail" hidden></div>
<div id="overview">
<noscript><p class="hint">JavaScript is off: problems, matrix and boards are all here; tests with their steps, commands and consoles are not.</p></noscript>
${problemSection(matrix, features)}
${matrixSection(matrix, features)}
<section id="results" aria-labelledby="results-title" hidden></section>
${boardSection(matrix, links)}
${besides(matrix)}
</div>
</main>
<footer><p id="keys" hidden></p><p>hil, hardware-in-the-loop tests for Ghaf. ${links.files ? 'Whole recordings, attachments and the log lie beside this file.' : ''}</p></footer>
<script type="application/json" id="data">`.text
  yield* jsonPieces(head, ['cells', cells])
  yield '</script>\n'
  for (const [index, chunk] of chunks.list.entries())
    yield html`<script type="application/json" id="chunk-${index}">${jsonMarkup(chunk)}</script>\n`.text
  yield html`
${pageScript()}
</body>
</html>
`.text
}

function header(matrix: RunMatrix, links: RunLinks): Markup {
  const { run, bench, startedAt, endedAt, exitCode, cells } = matrix
  const mood = endedAt === null ? 'miss' : exitCode === 0 ? 'pass' : exitCode === 1 ? 'fail' : 'error'
  const files = [
    ['run.jsonl', links.log],
    ['junit.xml', links.junit],
    ['status page', links.status],
  ].filter(([, href]) => href)
  const counts = tally(cells)
  return html`<header>
<p class="eyebrow">hil run on ${bench}</p>
<h1>${run} <span class="outcome ${mood}">${outcomeOf(matrix)}</span></h1>
<p class="facts"><span><b>${humanTime(startedAt)}</b></span><span>took <b>${humanDuration(durationMs(matrix))}</b></span>${
    endedAt !== null && html`<span>exit code <b>${exitCode}</b></span>`
  }${files.map(([name, href]) => html`<a href="${href}">${name}</a>`)}</p>
<div class="bar" aria-hidden="true">${counts.map(([verdict, n]) => html`<i class="${verdict}" style="flex:${n}"></i>`)}</div>
<p class="counts">${counts.map(
    ([verdict, n]) =>
      html`<span class="${verdict}"><span class="mark" aria-hidden="true">${MARKS[verdict]}</span> ${n} ${verdict}</span>`,
  )}</p>
</header>`
}

/** What went wrong outside the tests, what was noted, and what could not be had. */
function besides({ faults, notes, left, diagnoses = [] }: RunMatrix): Markup {
  if (faults.length + notes.length + left.length + diagnoses.length === 0) return html``
  return html`<section aria-labelledby="besides-title">
<h2 id="besides-title">Beside the tests</h2>
<ul class="notes">${faults.map(
    ({ board, fault }) =>
      html`<li><b>${board ?? 'the run'}</b><div><code>${fault.code}</code> expected ${fault.expected}; saw ${fault.seen}.${' '}
<span class="quiet">Next: ${fault.next}</span></div></li>`,
  )}${diagnoses.map(
    made =>
      html`<li><b>${made.board}</b><div>Diagnosis: <b>${DIAGNOSIS_WORDS[made.is]}</b>: ${made.why}. <span class="quiet">${diagnosisSteps(made)}</span></div></li>`,
  )}${notes.map(({ board, text }) => html`<li><b>${board ?? 'the run'}</b><div>${text}</div></li>`)}${left.map(
    ({ what, why }) => html`<li><b>${what}</b><div>left out: ${why}</div></li>`,
  )}</ul>
</section>`
}
