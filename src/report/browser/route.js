import { cellIndex, run } from './run.js'

/**
 * What the address asks for: `#netvm/nuc-1`, `#netvm/nuc-1/answers-ping`, with a moment of its console `…@3214`,
 * or `#board:nuc-1`. Anything else is the whole run.
 * @typedef {{ kind: 'cell', cell: number, test?: string, atMs?: number } | { kind: 'board', board: number } | { kind: 'all' }} Route
 */

/** @returns {Route} */
export function routeNow() {
  const [first = '', second = '', third] = location.hash.slice(1).split('/').map(decoded)
  if (first.startsWith('board:')) {
    const board = run.boards.findIndex(({ name }) => name === first.slice('board:'.length))
    return board < 0 ? { kind: 'all' } : { kind: 'board', board }
  }
  const cell = cellIndex(first, second)
  if (cell === undefined) return { kind: 'all' }
  const [test, moment] = (third ?? '').split('@')
  const atMs = moment === undefined ? Number.NaN : Number(moment)
  return { kind: 'cell', cell, ...(test && { test }), ...(Number.isFinite(atMs) && { atMs }) }
}

/** @param {string} part */
function decoded(part) {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
