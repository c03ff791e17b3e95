import { count } from '../../base/text.ts'
import type { Status } from '../../model/status.ts'
import { html, Markup } from '../html-text.ts'
import { humanTime } from '../words.ts'
import { CHANGE_KINDS, type ChangeKind } from './cell.ts'
import { changeSection } from './page-changes.ts'
import { boardTable, imageTable } from './page-facts.ts'
import { issueTable } from './page-issues.ts'
import { gateSection } from './page-gate.ts'
import { matrixTable } from './page-matrix.ts'
import { missingList, wordList } from './page-notes.ts'
import { STYLE } from './page-style.ts'
import { timeSection } from './page-times.ts'
import { untestedList } from './page-untested.ts'
import type { ReleaseReport } from './release.ts'
import { changedCells, CHANGES, STATUS_WORDS, summarySentence } from './words.ts'

interface Chapter {
  readonly id: string
  readonly title: string
  readonly body: Markup
}

/**
 * A release's status as one HTML file that needs nothing else: no server, no network, no script.
 *
 * Every text that came from a board or a file is escaped. Deterministic: the same report gives the same bytes.
 */
export function releasePage(report: ReleaseReport): string {
  const { to } = report
  const chapters = chaptersOf(report)
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${to}: release status report</title>
<style>${new Markup(STYLE)}</style>
</head>
<body>
<main>
${header(report)}
<nav aria-label="Contents"><ul>${chapters.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`)}</ul></nav>
${chapters.map(
  ({ id, title, body }) => html`<section id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title">${title}</h2>
${body}
</section>
`,
)}
<footer>
<p>Feature names and reference devices are taken from the Ghaf documentation, © 2022-2024 TII (SSRC) and the Ghaf contributors, licensed under CC-BY-SA-4.0; statuses were added.</p>
</footer>
</main>
</body>
</html>
`.text
}

function chaptersOf(report: ReleaseReport): Chapter[] {
  const { from, showsGate } = report
  const chapter = (id: string, title: string, body: Markup): Chapter => ({ id, title, body })
  return [
    ...(showsGate ? [chapter('gate', 'Release gate', gateSection(report))] : []),
    ...(from === undefined ? [] : [chapter('changes', `What changed since ${from}`, changeSection(report))]),
    chapter('matrix', 'Features by board type', matrixTable(report)),
    chapter('issues', 'Known issues', issueTable(report)),
    chapter('untested', 'Untested and stale', untestedList(report)),
    chapter('images', 'Images', imageTable(report)),
    chapter('boards', 'Boards', boardTable(report)),
    chapter('times', 'Boot and flash times', timeSection(report)),
    chapter('missing', 'What this report cannot say', missingList(report)),
    chapter('words', 'How to read it', wordList(report)),
  ]
}

function header(report: ReleaseReport): Markup {
  const { to, from, asOf, evidenceCount } = report
  return html`<header>
<p class="eyebrow">Release status report</p>
<h1>${to}</h1>
<p class="facts"><span>As of <b>${humanTime(asOf)}</b></span>${from !== undefined && html`<span>Compared with <b>${from}</b></span>`}<span><b>${count(evidenceCount, 'finding')}</b> about images proven to come from ${to}</span></p>
<p class="lead">${summarySentence(report)}</p>
${report.doubts.map(text => html`<p class="verdict open">${text}</p>\n`)}<dl class="bars">${bar(to, report, ({ row }) => row.status)}${from !== undefined && bar(from, report, ({ before }) => before?.status)}</dl>
${from !== undefined && tiles(report)}
</header>`
}

const TONES: readonly (readonly [Status, string])[] = [
  ['✅', 'pass'],
  ['🚧', 'open'],
  ['❌', 'fail'],
]

function bar(
  line: string,
  { rows }: ReleaseReport,
  statusIn: (row: ReleaseReport['rows'][number]) => Status | undefined,
): Markup {
  const counts = TONES.map(([status, tone]) => ({
    tone,
    word: STATUS_WORDS[status],
    n: rows.filter(row => statusIn(row) === status).length,
  }))
  return html`<dt>${line}</dt><dd>${counts
    .filter(({ n }) => n > 0)
    .map(({ tone, word, n }) => html`<span class="${tone}" style="flex:${n} 1 0">${n} ${word}</span>`)}</dd>`
}

const TILE_TONES: Partial<Record<ChangeKind, string>> = {
  broken: 'fail',
  'fails-first': 'fail',
  'still-broken': 'fail',
  untested: 'open',
  stale: 'open',
  fixed: 'pass',
  new: 'pass',
}

/** How many changes there are of each kind; what did not happen has no tile. */
function tiles(report: ReleaseReport): Markup {
  const counts = CHANGE_KINDS.map(kind => ({
    kind,
    n: kind === 'removed' ? report.removed.length : changedCells(report, kind).length,
  })).filter(({ n }) => n > 0)
  if (counts.length === 0) return html``
  return html`<ul class="tiles" aria-label="Changes since ${report.from}">${counts.map(
    ({ kind, n }) =>
      html`<li class="${TILE_TONES[kind] ?? 'none'}"><b>${n}</b><a href="#changed-${kind}">${CHANGES[kind].title}</a></li>`,
  )}</ul>`
}
