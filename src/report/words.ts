import type { Cell, RunMatrix } from '../model/cell.ts'
import type { Feature } from '../model/feature.ts'
import { VERDICTS, type Verdict } from '../model/verdict.ts'

/** How a verdict looks where only text is at hand. */
export const MARKS: Record<Verdict, string> = { pass: '✓', fail: '✗', error: '!', miss: '–', skip: '·' }

/** A run's result in a few words. */
export function outcomeOf({ endedAt, exitCode }: Pick<RunMatrix, 'endedAt' | 'exitCode'>): string {
  if (endedAt === null) return 'not ended'
  return OUTCOMES[exitCode] ?? `ended with code ${exitCode}`
}

const OUTCOMES: Readonly<Record<number, string>> = {
  0: 'all passed',
  1: 'the product failed',
  2: 'configuration mistake',
  3: 'lab trouble',
  4: 'no board to be had',
  5: 'a suite is broken',
  70: 'hil has a bug',
  130: 'cancelled',
}

/** Verdicts with how many cells have them, strongest first, none left out that occurs. */
export function tally(cells: readonly Cell[]): [Verdict, number][] {
  const counts = Object.groupBy(cells, ({ verdict }) => verdict)
  const order: Verdict[] = ['pass', ...VERDICTS.filter(verdict => verdict !== 'pass')]
  return order.flatMap(verdict => (counts[verdict] ? [[verdict, counts[verdict].length]] : []))
}

/** Whose fault a cell is and which: `product/no-guest`, or the class alone when only a matcher spoke. */
export function blameOf({ fault, blame }: Pick<Cell, 'fault' | 'blame'>): string | undefined {
  return fault?.code ?? blame
}

/** A feature's title without its Markdown. */
export function plainTitle(id: string, features: readonly Feature[]): string {
  return features.find(feature => feature.id === id)?.title.replaceAll('`', '') ?? id
}

/**
 * The features of a run in the order of the status page, which every board's cells keep: the boards' lists as one.
 */
export function rowsOf({ cells, boards }: Pick<RunMatrix, 'cells' | 'boards'>): string[] {
  const lists = boards.map(({ board }) => cells.filter(cell => cell.board === board).map(({ feature }) => feature))
  const rows: string[] = []
  while (lists.some(list => list.length > 0)) {
    const heads = lists.flatMap(list => list.slice(0, 1))
    const next = heads.find(head => lists.every(list => list.indexOf(head) <= 0)) ?? heads[0]
    if (next !== undefined) rows.push(next)
    for (const list of lists) if (list.includes(next ?? '')) list.splice(list.indexOf(next ?? ''), 1)
  }
  return rows
}

/** How long a run took, or the part of it that is known. */
export function durationMs(matrix: RunMatrix): number {
  const stages = matrix.boards.flatMap(({ stages }) => stages.map(({ fromMs, durationMs }) => fromMs + durationMs))
  const wholeMs = matrix.endedAt === null ? 0 : Date.parse(matrix.endedAt) - Date.parse(matrix.startedAt)
  return Math.max(0, ...stages, wholeMs || 0)
}

/** The part of a digest or commit that people compare. */
export function short(digest: string | null | undefined): string {
  return digest ? digest.slice(0, 12) : '—'
}

/** `2026-09-01 08:05 UTC`; an unreadable time is shown as it is. */
export function humanTime(at: string): string {
  const time = new Date(at)
  return Number.isNaN(time.getTime()) ? at : `${time.toISOString().slice(0, 16).replace('T', ' ')} UTC`
}
