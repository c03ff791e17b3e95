/** @import { ConsoleExcerpt, PageBoard, PageCell, PageData, PageImage, PageTest, TestChunk } from '../page-data.ts' */

/** @type {PageData} */
export const run = JSON.parse(document.getElementById('data')?.textContent ?? '')

/** @type {Map<string, number>} */
const cells = new Map(run.cells.map((cell, index) => [`${featureOf(cell).id}\t${boardOf(cell).name}`, index]))

/**
 * The index of a cell by the names of its feature and board.
 * @param {string} feature
 * @param {string} board
 */
export function cellIndex(feature, board) {
  return cells.get(`${feature}\t${board}`)
}

/** @param {PageCell} cell */
export function featureOf(cell) {
  return run.features[cell.feature] ?? { id: '', title: '' }
}

/**
 * @param {PageCell} cell
 * @returns {PageBoard}
 */
export function boardOf(cell) {
  return run.boards[cell.board] ?? { name: '', type: '', twin: false, flash: '', hostKey: null }
}

/**
 * @param {PageCell} cell
 * @returns {PageImage}
 */
export function imageOf(cell) {
  return run.images[cell.image] ?? { sha256: null, name: null, commit: null, variant: null, line: null }
}

/**
 * What a test did and left; parsed when somebody looks.
 * @param {PageTest} test
 * @returns {TestChunk | undefined}
 */
export function chunkOf(test) {
  return test.chunk === undefined ? undefined : chunk(test.chunk)
}

/**
 * What a board said while it booted.
 * @param {PageBoard} board
 * @returns {ConsoleExcerpt | undefined}
 */
export function bootOf(board) {
  return board.boot === undefined ? undefined : chunk(board.boot)
}

/** @param {number} index */
function chunk(index) {
  return JSON.parse(document.getElementById(`chunk-${index}`)?.textContent ?? 'null') ?? undefined
}

/**
 * Names as a link's fragment, as the page itself writes them.
 * @param {...string} names
 */
export function place(...names) {
  return `#${names.map(name => encodeURIComponent(name)).join('/')}`
}

/** @type {WeakMap<PageCell, Map<PageTest, string>>} */
const slugs = new WeakMap()

/**
 * A test's part of a link: `answers-ping-from-the-host`; the second of the same name in a cell gets `-2`.
 * @param {PageCell} cell
 * @param {PageTest} test
 */
export function slugOf(cell, test) {
  let own = slugs.get(cell)
  if (!own) {
    own = new Map()
    /** @type {Map<string, number>} */
    const taken = new Map()
    for (const test of cell.tests) {
      const words = test.title.toLowerCase().replaceAll(/[^\p{L}\p{N}]+/gu, '-')
      const slug = words.replaceAll(/^-|-$/g, '').slice(0, 80) || 'test'
      const times = (taken.get(slug) ?? 0) + 1
      taken.set(slug, times)
      own.set(test, times === 1 ? slug : `${slug}-${times}`)
    }
    slugs.set(cell, own)
  }
  return own.get(test) ?? ''
}

/** @param {PageCell} cell */
export function placeOf(cell) {
  return place(featureOf(cell).id, boardOf(cell).name)
}
