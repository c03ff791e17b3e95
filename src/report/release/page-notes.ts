import { html, type Markup } from '../html-text.ts'
import type { ReleaseReport } from './release.ts'

/** What could not be said, and why. */
export function missingList({ doubts, missing }: ReleaseReport): Markup {
  const all = [...doubts, ...missing]
  if (all.length === 0) return html`<p>Nothing is missing.</p>`
  return html`<ul class="plain">${all.map(text => html`<li>${text}</li>`)}</ul>`
}

/** The report's own words. */
export function wordList({ to, from }: ReleaseReport): Markup {
  const words: [string, string][] = [
    [
      'proven',
      `Declared integrated, and every check passes on the board types the feature names, with an image built from ${to}.`,
    ],
    ['open', 'Still in the making, or not proven: no test, no board of that type, or none tried with this release.'],
    ['broken', 'A check fails that should pass.'],
    ['not named', 'The feature does not name this board type: what is found there moves no status.'],
    ['virtual', 'Found by a virtual board that stands in for a board type. It proves nothing of hardware.'],
    ['older build', `There is a newer build of ${to}, and this was not tested with it.`],
    ['stale', 'The last test is more than two weeks ago. After 45 days a pass is no longer believed; a fail is.'],
    ...(from === undefined
      ? []
      : ([
          [
            'turned',
            'The two neighbouring commits that were tested: with the first it was otherwise, with the second as now.',
          ],
        ] as [string, string][])),
  ]
  return html`<dl class="words">${words.map(([word, means]) => html`<dt><b>${word}</b></dt><dd>${means}</dd>`)}</dl>`
}
