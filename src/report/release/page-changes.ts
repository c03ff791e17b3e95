import { html, type Markup } from '../html-text.ts'
import { CHANGE_KINDS, type ChangeKind, type ReleaseCell } from './cell.ts'
import { typeTitle } from './line.ts'
import { pill, proof, table } from './page-parts.ts'
import type { ReleaseReport } from './release.ts'
import { beforeWord, between, cellLook, changedCells, CHANGES, whyCell, plain } from './words.ts'

/** What changed since the release before, by kind, each with what proves it. */
export function changeSection(report: ReleaseReport): Markup {
  const parts = CHANGE_KINDS.map(kind => (kind === 'removed' ? removed(report) : changes(report, kind))).filter(Boolean)
  return parts.length > 0 ? html`${parts}` : html`<p>Nothing changed.</p>`
}

function changes(report: ReleaseReport, kind: ChangeKind): Markup | undefined {
  const cells = changedCells(report, kind)
  if (cells.length === 0) return undefined
  const rows = cells.map(
    cell =>
      html`<tr><th scope="row">${plain(cell.feature.title)}</th><td>${typeTitle(cell.type, report.labels)}${
        !cell.reference && html` <span class="tag">not named</span>`
      }</td><td class="turn">${beforeWord(cell)} → ${pill(now(cell))}</td><td class="why">${whyCell(cell)}${proofs(cell, report)}</td></tr>`,
  )
  const head = ['Feature', 'Board type', `${report.from} → ${report.to}`, 'Why, and what proves it']
  return html`${heading(kind, cells.length)}${table(CHANGES[kind].title, 'changes', head, rows)}`
}

function now(cell: ReleaseCell): ReturnType<typeof cellLook> {
  const look = cellLook(cell)
  return look.word === '' ? { ...look, mark: '○', word: 'not tested' } : look
}

function heading(kind: ChangeKind, n: number): Markup {
  const { title, means } = CHANGES[kind]
  return html`<h3 id="changed-${kind}">${title} <span class="n">${n}</span></h3><p class="explain">${means}</p>`
}

function proofs(cell: ReleaseCell, { to, from }: ReleaseReport): Markup {
  const commits = between(cell)
  const lines = [
    ...(cell.now.evidence ? [html`<dt>${to}</dt><dd>${proof(cell.now.evidence)}</dd>`] : []),
    ...(cell.before?.evidence ? [html`<dt>${from}</dt><dd>${proof(cell.before.evidence)}</dd>`] : []),
    ...(commits === undefined ? [] : [html`<dt>Turned</dt><dd>between commits <code>${commits}</code></dd>`]),
  ]
  return lines.length > 0 ? html`<dl class="proof">${lines}</dl>` : html``
}

function removed({ removed, labels, from }: ReleaseReport): Markup | undefined {
  if (removed.length === 0) return undefined
  const rows = removed.flatMap(({ feature, since, last }) =>
    last.map(
      e =>
        html`<tr><th scope="row"><code>${feature}</code>${since !== undefined && html`<small>since ${since}</small>`}</th><td>${typeTitle(e.type, labels)}</td><td>${
          e.verdict === 'pass' ? 'passed' : 'failed'
        }</td><td class="why">${proof(e)}</td></tr>`,
    ),
  )
  return html`${heading('removed', removed.length)}${table('Removed', 'changes', ['Feature', 'Board type', `In ${from}`, 'What proves it'], rows)}`
}
