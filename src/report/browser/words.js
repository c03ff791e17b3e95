/** @import { PageCell } from '../page-data.ts' */

/** @type {Record<string, string>} */
export const MARKS = { pass: '✓', fail: '✗', error: '!', miss: '–', skip: '·' }

/** Verdicts as people count them. */
export const VERDICTS = ['fail', 'error', 'miss', 'pass', 'skip']

/** @type {Record<string, string>} */
export const WHOSE = {
  product: 'the product’s',
  infrastructure: 'the lab’s',
  test: 'the suite’s',
  configuration: 'configuration',
  lease: 'board held',
  cancelled: 'interrupted',
  internal: 'hil’s own',
}

/** @param {PageCell} cell */
export function wordOf(cell) {
  return cell.blockedBy === undefined ? cell.verdict : 'blocked'
}

/**
 * `0.4 s`, `12 s`, `3 min 05 s`.
 * @param {number} ms
 */
export function duration(ms) {
  if (ms < 100) return `${Math.round(ms)} ms`
  if (ms < 9950) return `${(ms / 1000).toFixed(1)} s`
  const s = Math.round(ms / 1000)
  return s < 60 ? `${s} s` : `${Math.floor(s / 60)} min ${String(s % 60).padStart(2, '0')} s`
}

/** @param {number} bytes */
export function size(bytes) {
  if (bytes < 1024) return `${bytes} B`
  return bytes < 1024 * 1024 ? `${(bytes / 1024).toFixed(1)} KiB` : `${(bytes / 1024 / 1024).toFixed(1)} MiB`
}

/**
 * A moment as seconds from a beginning: `+3.214`.
 * @param {number} ms
 */
export function moment(ms) {
  return `${ms < 0 ? '−' : '+'}${(Math.abs(ms) / 1000).toFixed(3)}`
}

/** @param {string} text */
export function briefly(text) {
  return text
    .split('\n')
    .filter(line => line.trim())
    .slice(0, 4)
    .join(' · ')
}

/**
 * @param {number} n
 * @param {string} noun
 */
export function count(n, noun) {
  return `${n} ${noun}${n === 1 ? '' : 's'}`
}
