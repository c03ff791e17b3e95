import { harmless } from '../base/text.ts'

/** Columns as wide as their widest cell, two spaces between them, no frame. What other people wrote is one harmless line. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = [head, ...rows].map(row => row.map(harmless))
  const widths = head.map((_, column) => Math.max(...cells.map(row => (row[column] ?? '').length)))
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd()
  return `${cells.map(line).join('\n')}\n`
}
