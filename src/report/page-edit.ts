import type { Feature } from '../model/feature.ts'
import { NOT_JUDGED, type RowStatus, type Status } from '../model/status.ts'
import { matchRows } from './page-edit/match.ts'
import { spellingOf, symbolsIn, type Spelling } from './page-edit/symbols.ts'
import { featureRows, type Cell, type TableRow } from './page-edit/tables.ts'

/** What a page's status cells become. */
export interface PageEdit {
  readonly page: string
  readonly changes: readonly PageChange[]
  /** What nobody can decide from the page: rows of no known feature, of several, or with several statuses in one cell. */
  readonly unclear: readonly { readonly line: number; readonly what: string }[]
  /** Features that no row is about. */
  readonly missing: readonly Feature[]
  /** Features of the page that have no suite: their rows are 🚧 for want of a test. */
  readonly untested: readonly Feature[]
  /** Rows of features that were removed from the product: they keep their status, and can be deleted. */
  readonly removed: readonly { readonly line: number; readonly feature: Feature }[]
}

/** One cell that changes, with its line of the page before and after. */
export interface PageChange {
  readonly line: number
  readonly feature: Feature
  /** Null: the cell was empty. */
  readonly from: Status | null
  readonly to: Status
  readonly before: string
  readonly after: string
}

/**
 * Puts statuses into the tables of a Markdown or MDX page and changes nothing else: not one byte outside the status cells,
 * and in those only the symbol, written as the page writes it, and the padding that keeps the column in line.
 *
 * Idempotent. Rows are found by `matchRows`; a row nobody can decide keeps what it says and is told.
 */
export function editPage(
  page: string,
  features: readonly Feature[],
  statusOf: (feature: Feature) => RowStatus['status'],
): PageEdit {
  const spelling = spellingOf(page)
  const unclear: { line: number; what: string }[] = []
  const removed: { line: number; feature: Feature }[] = []
  const found = new Set<Feature>()
  const edits: { row: TableRow; feature: Feature; from: Status | null; to: Status; text: string }[] = []
  for (const { row, features: fitting } of matchRows(featureRows(page), features)) {
    for (const feature of fitting) found.add(feature)
    const [feature] = fitting
    const symbols = symbolsIn(textOf(page, row.status))
    const name = row.feature.text.trim().replaceAll(/\s+/g, ' ')
    if (!feature) unclear.push({ line: row.line, what: `${name}: no feature has this name` })
    else if (fitting.length > 1)
      unclear.push({
        line: row.line,
        what: `${name}: ${fitting.map(({ id }) => id).join(' or ')}, its devices fit none`,
      })
    else if (symbols.length > 1) unclear.push({ line: row.line, what: `${name}: several statuses in one cell` })
    else {
      const to = statusOf(feature)
      const from = symbols[0]?.status ?? null
      if (to === NOT_JUDGED) removed.push({ line: row.line, feature })
      else if (from !== to)
        edits.push({ row, feature, from, to, text: cellWith(textOf(page, row.status), to, spelling) })
    }
  }
  const edited = splice(
    page,
    edits.map(({ row, text }) => ({ ...row.status, text })),
  )
  const [before, after] = [page.split('\n'), edited.split('\n')]
  return {
    page: edited,
    changes: edits.map(({ row: { line }, feature, from, to }) => ({
      ...{ line, feature, from, to },
      before: before[line - 1]!.replace(/\r$/, ''),
      after: after[line - 1]!.replace(/\r$/, ''),
    })),
    unclear,
    missing: features.filter(feature => !found.has(feature) && !feature.removed),
    untested: [...found].filter(feature => feature.suite === undefined && !feature.removed),
    removed,
  }
}

function textOf(page: string, { from, to }: Cell): string {
  return page.slice(from, to)
}

/** The cell with another symbol; its padding gives way, as far as there is some. */
function cellWith(cell: string, to: Status, spelling: Spelling): string {
  const symbol = spelling[to]
  const [old] = symbolsIn(cell)
  const at = old?.at ?? Math.min(1, cell.length)
  const head = cell.slice(0, at) || ' '
  const tail = cell.slice(at + (old?.written.length ?? 0))
  const padding = /[ \t]*$/.exec(tail)![0].length
  const text = tail.slice(0, tail.length - padding)
  const grown = symbol.length - (old?.written.length ?? 0)
  // One space alone is no column that was in line.
  const kept = padding > 1 ? Math.max(1, padding - grown) : old ? padding : 1
  return `${head}${symbol}${text}${' '.repeat(kept)}`
}

function splice(page: string, edits: readonly { from: number; to: number; text: string }[]): string {
  let at = 0
  let out = ''
  for (const { from, to, text } of [...edits].sort((a, b) => a.from - b.from)) {
    out += page.slice(at, from) + text
    at = to
  }
  return out + page.slice(at)
}
