import type { Cell, RunMatrix } from '../model/cell.ts'
import { clip, displayWidth, pad } from './columns.ts'
import type { Paint } from './terminal-paint.ts'
import { MARKS, rowsOf } from './words.ts'

const GAP = 3

/** Features by boards as lines; boards that do not fit beside each other go into a further table below. */
export function matrixTable(matrix: RunMatrix, width: number, paint: Paint): string[] {
  const boards = matrix.boards.map(({ board }) => board)
  const features = rowsOf(matrix)
  const nameWidth = Math.min(Math.max(0, ...features.map(displayWidth)), Math.floor(width / 2))
  const byPlace = new Map(matrix.cells.map(cell => [`${cell.feature}\n${cell.board}`, cell]))
  const columnWidth = (board: string): number => Math.max(displayWidth(board), '– blocked'.length)

  return inRows(boards, columnWidth, width - nameWidth).flatMap((shown, index) => {
    const head = shown.map(board => inked(board, columnWidth(board), paint.bold))
    const lines = features.flatMap(feature => {
      const row = shown.map(board => byPlace.get(`${feature}\n${board}`))
      if (row.every(cell => cell === undefined)) return []
      const name = pad(clip(feature, nameWidth), nameWidth)
      return [joined([name, ...row.map((cell, i) => mark(cell, columnWidth(shown[i] ?? ''), paint))])]
    })
    return [...(index > 0 ? [''] : []), joined([' '.repeat(nameWidth), ...head]), ...lines]
  })
}

function mark(cell: Cell | undefined, width: number, paint: Paint): string {
  if (!cell) return ' '.repeat(width)
  return inked(`${MARKS[cell.verdict]} ${cell.blockedBy ? 'blocked' : cell.verdict}`, width, paint[cell.verdict])
}

/** Coloured text, padded in no colour: what is trailing can be trimmed. */
function inked(text: string, width: number, ink: (text: string) => string): string {
  return ink(text) + ' '.repeat(Math.max(0, width - displayWidth(text)))
}

function joined(parts: readonly string[]): string {
  return parts.join(' '.repeat(GAP)).trimEnd()
}

/** Boards in groups that fit a width, each at least one. */
function inRows(boards: readonly string[], widthOf: (board: string) => number, width: number): string[][] {
  const rows: string[][] = []
  let used = 0
  for (const board of boards) {
    used += GAP + widthOf(board)
    if (rows.length === 0 || used > width) {
      rows.push([])
      used = GAP + widthOf(board)
    }
    rows.at(-1)?.push(board)
  }
  return rows
}
