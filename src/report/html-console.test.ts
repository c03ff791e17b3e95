import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { consoleExcerpt } from './html-console.ts'

const BYTES = Buffer.from('SeaBIOS\r\n\r\nghaf login: \rPassword:\nlast')

describe('consoleExcerpt', () => {
  it('is lines with the time their first byte arrived, wherever the bytes were cut', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 1, max: BYTES.length - 1 })), cuts => {
        const arrivals = [0, ...cuts.sort((a, b) => a - b)].map(position => [position, 1000 + position] as const)
        const { lines } = consoleExcerpt({ from: 0, bytes: BYTES, leftOutBytes: 0, arrivals })
        assert.deepEqual(
          lines.map(([, text]) => text),
          ['SeaBIOS', '', 'ghaf login: ', 'Password:', 'last'],
        )
        const starts = [0, 9, 11, 24, 34]
        const known = starts.map(start => 1000 + (arrivals.findLast(([position]) => position <= start)?.[0] ?? 0))
        assert.deepEqual(
          lines.map(([atMs]) => atMs),
          known,
        )
      }),
    )
  })

  it('has no times where none are known', () => {
    const { lines } = consoleExcerpt({ from: 0, bytes: BYTES, leftOutBytes: 0, arrivals: [] })
    assert.ok(lines.every(([atMs]) => atMs === null))
  })

  it('keeps the last lines of many, and counts what it drops', () => {
    const bytes = Buffer.from('x\n'.repeat(6000))
    const excerpt = consoleExcerpt({ from: 100, bytes, leftOutBytes: 7, arrivals: [] })
    assert.equal(excerpt.lines.length, 5000)
    assert.deepEqual([excerpt.from, excerpt.to, excerpt.leftOutBytes], [2100, 12_100, 2007])
  })

  it('ends with whatever bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), bytes => {
        const { lines } = consoleExcerpt({ from: 0, bytes, leftOutBytes: 0, arrivals: [[0, 1]] })
        assert.ok(lines.every(([, text]) => !/[\u0000-\u0008\u000a-\u001f\u007f]/.test(text)))
      }),
    )
  })
})
