import type { Cell } from './cell.ts'

/** Cells with the boards of the same type that found the opposite of the same image: one of the two boards may be the cause. */
export function withDisagreements(cells: readonly Cell[]): Cell[] {
  return cells.map(cell => {
    const opposite = OPPOSITE[cell.verdict]
    const disagrees = cells
      .filter(({ verdict }) => verdict === opposite)
      .filter(other => other.feature === cell.feature && other.type === cell.type && other.twin === cell.twin)
      .filter(({ imageSha256 }) => imageSha256 !== null && imageSha256 === cell.imageSha256)
      .map(({ board }) => board)
    return disagrees.length > 0 ? { ...cell, disagrees } : cell
  })
}

const OPPOSITE: Partial<Record<Cell['verdict'], Cell['verdict']>> = { pass: 'fail', fail: 'pass' }
