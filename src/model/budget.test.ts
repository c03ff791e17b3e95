import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { driftOf, learnBudget } from './budget.ts'

const times = (n: number, ms: number): number[] => Array.from({ length: n }, () => ms)

const BUDGETS: [string, number[], number, number, number][] = [
  ['nothing is known', [], 30_000, 180_000, 180_000],
  ['nine runs are too few', times(9, 21_000), 30_000, 180_000, 180_000],
  ['twice the slowest of ten', [...times(9, 21_000), 40_000], 30_000, 180_000, 80_000],
  ['one in 200 does not count', [...times(199, 21_000), 90_000], 30_000, 180_000, 42_000],
  ['never below the floor, however quiet the host was', times(50, 2000), 30_000, 180_000, 30_000],
  ['never above the ceiling', times(50, 170_000), 30_000, 180_000, 180_000],
  ['a floor above the ceiling', times(50, 2000), 90_000, 60_000, 60_000],
  ['no time at all is a run', [...times(9, 21_000), 0], 30_000, 180_000, 42_000],
  ['what is no time is no run', [...times(9, 21_000), Number.NaN, -5], 30_000, 180_000, 180_000],
]

describe('a budget', () => {
  for (const [name, timesMs, floorMs, ceilingMs, limitMs] of BUDGETS)
    it(name, () => assert.equal(learnBudget(timesMs, floorMs, ceilingMs).limitMs, limitMs))

  it('says how it is known', () => {
    assert.deepEqual(learnBudget(times(12, 21_000), 30_000, 180_000).learned, {
      p99Ms: 21_000,
      runs: 12,
      ceilingMs: 180_000,
    })
    assert.equal(learnBudget([], 1, 2).learned, undefined)
  })

  const ms = fc.integer({ min: 0, max: 10_000_000 })
  const many = fc.array(ms, { maxLength: 60 })

  it('lies between floor and ceiling, whatever was measured', () =>
    fc.assert(
      fc.property(fc.array(fc.double(), { maxLength: 60 }), ms, ms, (timesMs, floorMs, ceilingMs) => {
        const { limitMs } = learnBudget(timesMs, floorMs, ceilingMs)
        assert.ok(limitMs <= ceilingMs && limitMs >= Math.min(floorMs, ceilingMs), String(limitMs))
      }),
    ))

  it('never gets shorter because something took longer', () =>
    fc.assert(
      fc.property(many, fc.array(ms, { minLength: 60, maxLength: 60 }), ms, ms, (timesMs, more, floorMs, ceilingMs) => {
        const slower = timesMs.map((time, index) => time + more[index]!)
        const [limit, longer] = [timesMs, slower].map(all => learnBudget(all, floorMs, ceilingMs).limitMs)
        assert.ok(longer! >= limit!)
      }),
    ))

  it('does not depend on the order, and leaves room for all that was seen', () =>
    fc.assert(
      fc.property(fc.array(ms, { minLength: 10, maxLength: 99 }), ms, (timesMs, floorMs) => {
        const { limitMs } = learnBudget(timesMs, floorMs, 1e9)
        assert.equal(limitMs, learnBudget(timesMs.toReversed(), floorMs, 1e9).limitMs)
        assert.ok(limitMs >= Math.max(...timesMs) * 2)
      }),
    ))
})

const S21 = times(30, 21_000)

const DRIFTS: [string, number[], string | null][] = [
  ['slower three times running', [...S21, 38_000, 37_000, 40_000], '38000 was 21000 for 30'],
  ['one slow run', [...S21, 21_000, 21_000, 80_000], null],
  ['two slow runs', [...S21, 21_000, 80_000, 80_000], null],
  ['as ever', [...S21, 21_000, 22_000, 20_000], null],
  ['a little slower', [...S21, 27_000, 27_000, 27_000], null],
  ['much slower, but it takes no time', [...times(30, 500), 1500, 1500, 1500], null],
  ['faster three times running', [...S21, 10_000, 9000, 11_000], '10000 was 21000 for 30'],
  ['as slow as it sometimes was', [...times(25, 21_000), ...times(8, 40_000)], null],
  ['too little is known', [...times(9, 21_000), 38_000, 38_000, 38_000], null],
  ['only the latest 30 before count', [...times(99, 60_000), ...S21, 38_000, 38_000, 38_000], '38000 was 21000 for 30'],
  ['faster, but as it sometimes was', [...times(4, 9000), ...times(26, 21_000), 10_000, 9000, 9000], null],
  ['as fast as ever at most', [...times(5, 9000), ...times(25, 21_000), 9000, 9000, 9000], null],
  ['faster, one of them not', [...S21, 9000, 9000, 21_000], null],
  ['a little faster', [...S21, 18_000, 18_000, 18_000], null],
  ['half as much again, exactly', [...times(10, 20_000), 30_000, 30_000, 30_000], '30000 was 20000 for 10'],
  ['two thirds, exactly', [...times(30, 30_000), 20_000, 20_000, 20_000], '20000 was 30000 for 30'],
  ['two seconds, exactly', [...times(30, 3000), 5000, 5000, 5000], '5000 was 3000 for 30'],
  ['nothing', [], null],
]

describe('drift', () => {
  for (const [name, timesMs, says] of DRIFTS)
    it(name, () => {
      const drift = driftOf(timesMs)
      assert.equal(drift && `${drift.nowMs} was ${drift.wasMs} for ${drift.runs}`, says)
    })

  it('is never seen in times that are all alike', () =>
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 20_000, max: 25_000 })), timesMs => assert.equal(driftOf(timesMs), null)),
    ))
})
