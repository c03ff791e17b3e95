import { fromMarkdown } from 'mdast-util-from-markdown'
import { gfmTableFromMarkdown } from 'mdast-util-gfm-table'
import { toString } from 'mdast-util-to-string'
import { gfmTable } from 'micromark-extension-gfm-table'

/** A cell: what it says without its markup, and where between its pipes it stands in the page. */
export interface Cell {
  readonly text: string
  readonly from: number
  readonly to: number
}

/** A row of a table that has features, statuses and devices. */
export interface TableRow {
  /** Counted from 1. */
  readonly line: number
  readonly feature: Cell
  readonly status: Cell
  readonly devices: Cell
}

/**
 * Finds the rows of all feature tables of a page: those whose head names a feature, a status and a device, in any order.
 *
 * Markdown and MDX: what is not a table is none of our business. Offsets count UTF-16 units.
 * Source: https://github.github.com/gfm/#tables-extension-
 */
export function featureRows(page: string): TableRow[] {
  const tree = fromMarkdown(page, { extensions: [gfmTable()], mdastExtensions: [gfmTableFromMarkdown()] })
  const rows: TableRow[] = []
  const visit = (node: Node): void => {
    if (node.type === 'table') rows.push(...rowsOf(node, page))
    else for (const child of node.children ?? []) visit(child)
  }
  visit(tree as Node)
  return rows
}

/** What is used of mdast's nodes. Source: https://github.com/syntax-tree/mdast */
interface Node {
  readonly type: string
  readonly children?: readonly Node[]
  readonly position?: { start: { offset?: number; line: number }; end: { offset?: number } }
}

const HEADS = { feature: /^features?$/i, status: /^status$/i, devices: /device/i }

function rowsOf({ children: [head, ...body] = [] }: Node, page: string): TableRow[] {
  const heads = (head?.children ?? []).map(cell => toString(cell).trim())
  const column = (pattern: RegExp): number => heads.findIndex(text => pattern.test(text))
  const at = { feature: column(HEADS.feature), status: column(HEADS.status), devices: column(HEADS.devices) }
  if (Object.values(at).includes(-1)) return []
  return body.flatMap(row => {
    const cells = (row.children ?? []).map(cell => cellOf(cell, page))
    const [feature, status, devices] = [cells[at.feature], cells[at.status], cells[at.devices]]
    // A row cut short has no place for a status.
    return feature && status && devices ? [{ line: row.position!.start.line, feature, status, devices }] : []
  })
}

function cellOf(node: Node, page: string): Cell {
  let from = node.position!.start.offset!
  let to = node.position!.end.offset!
  if (page[from] === '|') from++
  if (to > from && page[to - 1] === '|' && page[to - 2] !== '\\') to--
  return { text: toString(node), from, to }
}
