import type { Cell, RunMatrix } from '../model/cell.ts'
import type { Feature } from '../model/feature.ts'
import { VERDICTS, type Verdict } from '../model/verdict.ts'

/** How a verdict looks where only text is at hand. */
export const MARKS: Record<Verdict, string> = { pass: '✓', fail: '✗', error: '!', miss: '–', skip: '·' }

/** A run's result in a few words. */
export function outcomeOf({
  endedAt,
  exitCode,
  cells = [],
}: Pick<RunMatrix, 'endedAt' | 'exitCode'> & Partial<Pick<RunMatrix, 'cells'>>): string {
  if (endedAt === null) return 'not ended'
  if (exitCode === 0 && cells.some(({ verdict }) => verdict === 'fail')) return 'only known issues failed'
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

/** Whose fault a class of faults is, as people say it. */
export function whose(blame: string): string {
  return WHOSE[blame] ?? blame
}

const WHOSE: Readonly<Record<string, string>> = {
  product: 'the product’s fault',
  infrastructure: 'the lab’s fault',
  test: 'the suite’s fault',
  configuration: 'a configuration mistake',
  lease: 'somebody else holds the board',
  cancelled: 'nobody’s fault: interrupted',
  internal: 'a bug in hil',
}

/** A feature's title without its Markdown. */
export function plainTitle(id: string, features: readonly Feature[]): string {
  return features.find(feature => feature.id === id)?.title.replaceAll('`', '') ?? id
}

/**
 * The features of a run in the order of the status page, which every board's cells keep: the boards' lists as one.
 *
 * Takes time by features and boards: as much as the table they are for has cells.
 */
export function rowsOf({ cells, boards }: Pick<RunMatrix, 'cells' | 'boards'>): string[] {
  const lists = new Map(boards.map(({ board }): [string, string[]] => [board, []]))
  for (const { feature, board } of cells) lists.get(board)?.push(feature)
  const waiting = [...lists.values()].map(features => ({ features, at: 0 }))
  const holders = new Map<string, typeof waiting>()
  for (const list of waiting)
    for (const feature of list.features) {
      const held = holders.get(feature)
      if (held) held.push(list)
      else holders.set(feature, [list])
    }
  const rows = new Set<string>()
  for (;;) {
    const heads = waiting.flatMap(({ features, at }) => features.slice(at, at + 1))
    // Next is what no list still has something in front of; where lists contradict one another, the first list is right.
    const next = heads.find(head => holders.get(head)?.every(({ features, at }) => features[at] === head)) ?? heads[0]
    if (next === undefined) return [...rows]
    rows.add(next)
    for (const list of waiting) while (rows.has(list.features[list.at] ?? '')) list.at++
  }
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
