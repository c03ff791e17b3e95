import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { describeRate, rateOf } from './rate.ts'

describe('rateOf', () => {
  // 81 of 263: R. G. Newcombe, Statistics in Medicine 17 (1998), 857–872, method 3.
  for (const [hits, of, low, high] of [
    [0, 10, 0, 0.2775],
    [1, 10, 0.0179, 0.4042],
    [5, 10, 0.2366, 0.7634],
    [10, 10, 0.7225, 1],
    [81, 263, 0.2553, 0.3662],
  ] as const)
    it(`gives ${low}–${high} for ${hits} of ${of}`, () => {
      const rate = rateOf(hits, of)
      assert.ok(Math.abs(rate.low - low) < 1e-4, String(rate.low))
      assert.ok(Math.abs(rate.high - high) < 1e-4, String(rate.high))
    })

  it('knows nothing of nothing', () => {
    assert.deepEqual(rateOf(0, 0), { hits: 0, of: 0, share: null, low: 0, high: 1 })
    assert.equal(describeRate(rateOf(0, 0)), 'never')
  })

  it('holds the share, within 0 and 1, and narrows with more trials', () => {
    const some = fc.nat(1000).chain(of => fc.tuple(fc.nat(of), fc.constant(of + 1)))
    fc.assert(
      fc.property(some, ([hits, of]) => {
        const { low, high, share } = rateOf(hits, of)
        assert.ok(0 <= low && low <= share! && share! <= high && high <= 1)
        const more = rateOf(hits * 10, of * 10)
        assert.ok(more.high - more.low < high - low)
      }),
    )
  })
})
