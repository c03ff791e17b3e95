import { count, harmless, humanDuration } from '../base/text.ts'
import type { Cell, RunMatrix } from '../model/cell.ts'
import { wrap } from './columns.ts'
import { diagnosisText } from './diagnosis-words.ts'
import { toldRecovery } from './recovery-words.ts'
import { matrixTable } from './terminal-matrix.ts'
import { painter, type Paint } from './terminal-paint.ts'
import { storyLines } from './terminal-story.ts'
import { durationMs, MARKS, outcomeOf, tally } from './words.ts'

/**
 * A run's result for a terminal or a CI log: the matrix, what needs reading, the totals.
 *
 * Units: `width` in columns; nothing but a single board name or feature id is wider. Limits: what one fault did to many
 * features is said once; at most eight console lines each.
 */
export function runSummary(matrix: RunMatrix, options: { readonly color: boolean; readonly width: number }): string {
  const paint = painter(options.color)
  const width = Math.max(40, options.width)
  const blocks = [
    matrixTable(matrix, width, paint),
    ...stories(matrix.cells, width, paint),
    beside(matrix, width, paint),
    [totals(matrix, paint)],
  ]
  return blocks
    .filter(lines => lines.length > 0)
    .map(lines => `${lines.join('\n')}\n`)
    .join('\n')
}

function stories(cells: readonly Cell[], width: number, paint: Paint): string[][] {
  const said = new Set<string>()
  return groups(cells).map(group => {
    const fault = group[0]?.fault
    const key = fault && JSON.stringify([group[0]?.board, fault])
    const known = key !== undefined && said.has(key)
    if (key !== undefined) said.add(key)
    return storyLines(group, width, paint, known)
  })
}

/** Cells to be explained: each fail and error by itself, misses with the same cause on the same board together. */
function groups(cells: readonly Cell[]): Cell[][] {
  const open = cells.filter(({ verdict }) => verdict !== 'pass' && verdict !== 'skip')
  const together = Object.groupBy(open, ({ board, feature, verdict, blockedBy, fault, reason }) =>
    verdict === 'miss' ? `miss\n${board}\n${blockedBy ?? fault?.code ?? reason}` : `${verdict}\n${board}\n${feature}`,
  )
  const order: Record<string, number> = { fail: 0, error: 1, miss: 2 }
  const found = Object.values(together).flatMap(group => (group ? [group] : []))
  return found.sort((a, b) => (order[a[0]?.verdict ?? ''] ?? 0) - (order[b[0]?.verdict ?? ''] ?? 0))
}

/** Notes and what was left out; faults outside the tests only where no cell tells of them. */
function beside(
  { boards, cells, faults, notes, left, diagnoses = [] }: RunMatrix,
  width: number,
  paint: Paint,
): string[] {
  const told = new Set(cells.map(({ fault }) => fault?.code))
  const lines: [string, string][] = [
    ...faults.flatMap(({ board, fault }): [string, string][] =>
      told.has(fault.code) ? [] : [[board ?? 'run', `${fault.code}: expected ${fault.expected}; saw ${fault.seen}`]],
    ),
    ...diagnoses.map((made): [string, string] => [`${made.board}, diagnosis`, diagnosisText(made)]),
    ...boards.flatMap(({ board, recoveries = [] }) =>
      recoveries.map((recovery): [string, string] => [board, toldRecovery(recovery)]),
    ),
    ...notes.map(({ board, text }): [string, string] => [board ?? 'run', text]),
    ...left.map(({ what, why }): [string, string] => [what, `left out: ${why}`]),
  ]
  return lines.flatMap(([who, text]) =>
    wrap(harmless(`${who}: ${text}`), width - 2).map((line, index) => paint.soft(`${index === 0 ? '' : '  '}${line}`)),
  )
}

function totals(matrix: RunMatrix, paint: Paint): string {
  const counts = tally(matrix.cells).map(([verdict, n]) => paint[verdict](`${MARKS[verdict]} ${n} ${verdict}`))
  const boards = count(matrix.boards.length, 'board')
  const took = paint.soft(`${boards}, ${humanDuration(durationMs(matrix))}`)
  return [...counts, took, paint.bold(outcomeOf(matrix))].join('   ')
}
