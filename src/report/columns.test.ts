import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { clip, displayWidth, markdownTable, pad, wrap } from './columns.ts'

describe('columns', () => {
  it('count an emoji and a CJK character as two, an accent as none', () => {
    assert.deepEqual(['✅', '🚧', '❌', '✓', '中', 'e\u0301', '—', 'ab'].map(displayWidth), [2, 2, 2, 1, 2, 1, 1, 2])
  })

  it('pad to a width, and never cut', () => {
    assert.equal(pad('✅', 4), '✅  ')
    assert.equal(pad('abc', 2), 'abc')
  })

  it('wrap without losing a character, within the width', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 4, max: 40 }), (text, width) => {
        const lines = wrap(text, width)
        assert.equal(lines.join('').replaceAll(/\s/g, ''), text.replaceAll(/\s/g, ''))
        assert.ok(lines.every(line => displayWidth(line) <= width))
      }),
    )
  })

  it('clip to a width', () => {
    assert.equal(clip('journalctl', 20), 'journalctl')
    fc.assert(
      fc.property(fc.string(), fc.nat(20), (text, width) => assert.ok(displayWidth(clip(text, width)) <= width)),
    )
    assert.equal(clip('journalctl', 6), 'journ…')
  })

  it('keep a table a table whatever is in its cells', () => {
    assert.equal(
      markdownTable(['A', 'B'], [['x|y', 'one\n  two']]),
      '| A    | B       |\n|------|---------|\n| x\\|y | one two |\n',
    )
  })
})
