import { humanDuration } from '../base/text.ts'
import type { FaultRecord } from '../base/fault.ts'
import type { Cell, RunMatrix } from '../model/cell.ts'
import type { ConsoleSlice, TestResult } from '../model/event.ts'
import type { Feature } from '../model/feature.ts'
import type { RunLinks } from './html.ts'
import { anchor, html, type Markup } from './html-text.ts'
import { blameOf, MARKS, plainTitle, rowsOf } from './words.ts'

/** Every cell's story: its tests, whose fault it is, what was expected and seen, and what the console said. */
export function featureSections(matrix: RunMatrix, features: readonly Feature[], links: RunLinks): Markup {
  return html`<section>
<h2>What happened</h2>
${rowsOf(matrix).map(
  id => html`<div class="feature" id="${anchor('feature', id)}">
<h3>${plainTitle(id, features)} <small>${id}</small></h3>
${matrix.cells.filter(cell => cell.feature === id).map(cell => cellDetails(cell, copyOf(matrix, links, cell.board)))}
</div>`,
)}
</section>`
}

/** A run's copy of a board's recording: where it lies, and the offset at which it begins. */
interface ConsoleCopy {
  readonly href: string | undefined
  readonly from: number
}

function copyOf({ boards }: RunMatrix, { consoles }: RunLinks, name: string): ConsoleCopy {
  return { href: consoles?.[name], from: boards.find(({ board }) => board === name)?.recordedFrom ?? 0 }
}

function cellDetails(cell: Cell, recording: ConsoleCopy): Markup {
  const { feature, board, verdict, tests, fault, blockedBy } = cell
  const open = verdict === 'fail' || verdict === 'error'
  const durationMs = tests.reduce((sum, test) => sum + test.durationMs, 0)
  const told = tests.some(test => test.fault && test.fault.code === fault?.code && test.fault.seen === fault.seen)
  const story = blockedBy
    ? html`<p>Blocked: <a href="#${anchor(blockedBy, board)}">${blockedBy}</a> failed on this board and image.</p>`
    : !tests.some(test => test.reason === cell.reason) && cell.reason && html`<p>${cell.reason}</p>`
  return html`<details id="${anchor(feature, board)}" class="${verdict}"${open && html` open`}>
<summary><span class="mark" aria-hidden="true">${MARKS[verdict]}</span> <b>${board}</b> <span class="word">${blockedBy ? 'blocked' : verdict}</span>${
    blockedBy
      ? html` <span class="by">by ${blockedBy}</span>`
      : verdict !== 'pass' && html` <code>${blameOf(cell)}</code>`
  }<span class="time">${tests.length > 0 && humanDuration(durationMs)}</span></summary>
<div class="story">${story}${fault && !told && faultBox(fault)}${tests.map(test => testBox(test, recording))}</div>
</details>`
}

function testBox(test: TestResult, recording: ConsoleCopy): Markup {
  const { verdict, title, durationMs, attempt, fault, reason, consoleLines, slice } = test
  return html`<div class="test ${verdict}">
<p class="line"><span class="mark" aria-hidden="true">${MARKS[verdict]}</span> <span>${title}${
    attempt > 0 && html` <span class="quiet">attempt ${attempt + 1}</span>`
  }</span><span class="word">${verdict !== 'pass' && verdict}</span><span class="time">${humanDuration(durationMs)}</span></p>
${reason && (verdict === 'fail' ? html`<pre>${reason}</pre>` : html`<p class="quiet">${reason}</p>`)}${fault && faultBox(fault)}${
    consoleLines?.length &&
    html`<p class="caption">console${sliceLink(slice, recording)}</p><pre>${consoleLines.join('\n')}</pre>`
  }
</div>`
}

function faultBox({ code, expected, seen, next, evidence }: FaultRecord): Markup {
  return html`<dl><dt>fault</dt><dd><code>${code}</code></dd><dt>expected</dt><dd>${expected}</dd><dt>seen</dt><dd>${seen}</dd><dt>next</dt><dd>${next}</dd></dl>${
    evidence.length > 0 && html`<pre>${evidence.join('\n')}</pre>`
  }`
}

function sliceLink(slice: ConsoleSlice | undefined, { href, from }: ConsoleCopy): Markup | false {
  if (!slice) return false
  const bytes = `bytes ${slice.from - from}–${slice.to - from}`
  return href ? html`, <a href="${href}">${bytes} of the recording</a>` : html`, ${bytes} of the recording`
}
