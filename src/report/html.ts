import { humanDuration } from '../base/text.ts'
import type { RunMatrix } from '../model/cell.ts'
import type { Feature } from '../model/feature.ts'
import { boardSection } from './html-boards.ts'
import { featureSections } from './html-cells.ts'
import { matrixSection } from './html-matrix.ts'
import { SCRIPT, STYLE } from './html-style.ts'
import { html, Markup } from './html-text.ts'
import { durationMs, humanTime, MARKS, outcomeOf, tally } from './words.ts'

/** Where the rest of a run lies, as paths relative to the page. What is absent is not linked. */
export interface RunLinks {
  readonly log?: string
  readonly junit?: string
  readonly status?: string
  /** Console recordings by board. */
  readonly consoles?: Readonly<Record<string, string>>
}

/**
 * A run as one HTML file that needs nothing else: no server, no network, no script to be readable.
 *
 * Every text that came from a board or a file is escaped. Deterministic: the same matrix gives the same bytes.
 */
export function runPage(matrix: RunMatrix, features: readonly Feature[], links: RunLinks = {}): string {
  const title = `${matrix.run} · ${outcomeOf(matrix)}`
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>${new Markup(STYLE)}</style>
</head>
<body>
<main>
${header(matrix, links)}
${matrixSection(matrix, features)}
${boardSection(matrix, links)}
${troubles(matrix)}
${featureSections(matrix, features, links)}
</main>
<script>${new Markup(SCRIPT)}</script>
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
    ([verdict, n]) => html`<span class="${verdict}"><span class="mark">${MARKS[verdict]}</span> ${n} ${verdict}</span>`,
  )}</p>
</header>`
}

/** What went wrong outside the tests, what was noted, and what could not be had. */
function troubles({ faults, notes, left }: RunMatrix): Markup {
  if (faults.length + notes.length + left.length === 0) return html``
  return html`<section>
<h2>Beside the tests</h2>
<ul class="notes">${faults.map(
    ({ board, fault }) =>
      html`<li><b>${board ?? 'the run'}</b><div><code>${fault.code}</code> expected ${fault.expected}; saw ${fault.seen}.${' '}
<span class="quiet">Next: ${fault.next}</span></div></li>`,
  )}${notes.map(({ board, text }) => html`<li><b>${board ?? 'the run'}</b><div>${text}</div></li>`)}${left.map(
    ({ what, why }) => html`<li><b>${what}</b><div>left out: ${why}</div></li>`,
  )}</ul>
</section>`
}
