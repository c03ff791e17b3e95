/** @import { PageCell } from '../page-data.ts' */
import { boardOf, featureOf, run } from './run.js'
import { wordOf } from './words.js'

/**
 * What the reader wants to see. Nothing chosen is everything.
 * @typedef {{ text: string, verdicts: Set<string>, board: string, blame: string }} Filter
 */

/** @type {Filter} */
export const filter = { text: '', verdicts: new Set(), board: '', blame: '' }

export function isFiltered() {
  return filter.text.trim() !== '' || filter.verdicts.size > 0 || filter.board !== '' || filter.blame !== ''
}

export function clearFilter() {
  Object.assign(filter, { text: '', verdicts: new Set(), board: '', blame: '' })
}

/** @type {(string | undefined)[]} */
const said = []

/**
 * All that can be searched of a cell.
 * @param {PageCell} cell
 * @param {number} index
 */
function textOf(cell, index) {
  const { problem, reason, blockedBy, tests } = cell
  const { id, title } = featureOf(cell)
  const { name, type } = boardOf(cell)
  said[index] ??= [
    ...[id, title, name, type, wordOf(cell), cell.verdict, cell.blame, blockedBy, reason],
    ...[problem?.code, problem?.expected, problem?.seen, problem?.whose],
    ...tests.map(test => test.title),
  ]
    .join('\n')
    .toLowerCase()
  return said[index]
}

/** The words looked for. */
export function wordsWanted() {
  return filter.text.toLowerCase().split(/\s+/).filter(Boolean)
}

/** Indexes of the cells that fit, in the order of the run's features. */
export function matching() {
  const words = wordsWanted()
  /** @type {number[]} */
  const found = []
  for (const [index, cell] of run.cells.entries()) {
    if (filter.verdicts.size > 0 && !filter.verdicts.has(cell.verdict)) continue
    if (filter.board && boardOf(cell).name !== filter.board) continue
    if (filter.blame && cell.blame !== filter.blame) continue
    if (words.length > 0 && !words.every(word => textOf(cell, index).includes(word))) continue
    found.push(index)
  }
  return found.sort((a, b) => (run.cells[a]?.feature ?? 0) - (run.cells[b]?.feature ?? 0) || a - b)
}
