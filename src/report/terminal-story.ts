import { harmless, humanDuration } from '../base/text.ts'
import type { Cell } from '../model/cell.ts'
import type { TestResult } from '../model/event.ts'
import { clip, displayWidth, wrap } from './columns.ts'
import type { Paint } from './terminal-paint.ts'
import { whatElse } from './problem.ts'
import { blameOf, MARKS } from './words.ts'

const INDENT = '    '
const LABEL_WIDTH = 10
const MAX_CONSOLE_LINES = 8

/**
 * Why cells of one board did not pass, as lines: whose fault, what was expected and seen, what to do, what the console said.
 *
 * `known`: this very fault was told before, only what else it did is said.
 */
export function storyLines(cells: readonly Cell[], width: number, paint: Paint, known: boolean): string[] {
  const [cell] = cells
  if (!cell) return []
  const { board, verdict, blockedBy } = cell
  const what = `${MARKS[verdict]} ${cells.map(({ feature }) => feature).join(', ')} on ${board}`
  const blame = blameOf(cell) ?? verdict
  if (blockedBy || known) {
    const lines = wrap(`${what}: ${blockedBy ? `blocked by ${blockedBy}` : `${blame}, see above`}`, width - 2)
    return lines.map((line, i) => paint[verdict](i === 0 ? line : `  ${line}`))
  }
  const title = wrap(what, width - displayWidth(blame) - 5)
  const head = title.map((line, i) => paint[verdict](paint.bold(i === 0 ? line : `  ${line}`)))
  head[head.length - 1] += paint.soft(` · ${blame}`)
  const failed = cell.tests.find(test => test.verdict === verdict)
  return [
    ...head,
    ...testLine(failed, width, paint),
    ...reasons(cell, failed, width, paint),
    ...whatElse(cell).flatMap(([label, text]) => labelled(label, text, width, paint)),
    ...evidence(cell, failed, width, paint),
  ]
}

function testLine(test: TestResult | undefined, width: number, paint: Paint): string[] {
  return test ? labelled('test', `${test.title}, ${humanDuration(test.durationMs)}`, width, paint) : []
}

function reasons(cell: Cell, test: TestResult | undefined, width: number, paint: Paint): string[] {
  const fault = cell.fault ?? test?.fault
  if (!fault) {
    const lines = (cell.reason ?? test?.reason ?? 'no reason is known').split('\n').slice(0, MAX_CONSOLE_LINES)
    return lines.flatMap((line, i) => labelled(i === 0 ? 'seen' : '', line, width, paint))
  }
  return [
    ...labelled('expected', fault.expected, width, paint),
    ...labelled('seen', fault.seen, width, paint),
    ...labelled('next', fault.next, width, paint),
  ]
}

/** The console at the failure; without it, the lines the fault quotes. The last ones, since they are the nearest. */
function evidence(cell: Cell, test: TestResult | undefined, width: number, paint: Paint): string[] {
  const quoted = cell.fault?.evidence ?? []
  const lines = test?.consoleLines?.length ? test.consoleLines : quoted
  return lines.slice(-MAX_CONSOLE_LINES).map(line => INDENT + paint.soft(`│ ${clip(harmless(line), width - 6)}`))
}

function labelled(label: string, text: string, width: number, paint: Paint): string[] {
  const lines = wrap(harmless(text), width - INDENT.length - LABEL_WIDTH)
  return lines.map((line, i) => INDENT + paint.soft((i === 0 ? label : '').padEnd(LABEL_WIDTH)) + line)
}
