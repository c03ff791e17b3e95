import { SECTIONS } from '../../model/feature.ts'
import { markdownTable } from '../columns.ts'
import type { ReleaseCell } from './cell.ts'
import { typeTitle } from './line.ts'
import { asText } from './markdown-text.ts'
import type { ReleaseReport } from './release.ts'
import { cellLook } from './words.ts'

const NOTE = `A result in parentheses is of a board type that the feature does not name: it moves no status. *virtual* is what a virtual board found: it proves nothing of hardware.
`

/** Features by board types, a table for each section of the status page. */
export function matrixTables(report: ReleaseReport): string {
  const { rows, types, labels, to } = report
  const head = ['Feature', asText(to), ...types.map(type => asText(typeTitle(type, labels)))]
  const sections = SECTIONS.map(section => {
    const own = rows.filter(({ feature }) => feature.section === section)
    if (own.length === 0) return ''
    const lines = own.map(({ feature, row, cells }) => [feature.title, row.status, ...cells.map(sayCell)])
    return `### ${section}\n\n${markdownTable(head, lines)}`
  })
  return [NOTE, ...sections.filter(Boolean)].join('\n')
}

function sayCell(cell: ReleaseCell): string {
  const { mark, word } = cellLook(cell)
  const own = word === '' ? '' : `${mark} ${word}`
  const hardware = own && !cell.reference ? `(${own})` : own
  const virtual = { pass: 'virtual ✓', fail: 'virtual ✗', never: '' }[cell.twin.status]
  return [hardware, virtual].filter(Boolean).join(' · ') || '·'
}
