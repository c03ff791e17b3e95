import assert from 'node:assert/strict'
import { test } from 'node:test'
import { busy, rowsOf, type Row } from './seen.ts'

const MS = 1e6
/** Asked for at `askedMs`, had from `fromMs` for 1 ms. */
const row = (askedMs: number, fromMs: number, epoch: number, board = 0): Row => [
  fromMs - askedMs,
  board,
  epoch,
  fromMs * MS,
  (fromMs + 1) * MS,
]

test('of each wait that part is left out in which this host stood still', () => {
  // One waits from 1000 to 1010, one to 1040, of which half is such time, one from its midst to its end.
  const seen = { rows: [row(1000, 1010, 1), row(1000, 1040, 2), row(1025, 1032, 1, 1)], seconds: 1 }
  const { meanMs, longestMs, longestInMeans } = busy(seen, [[1015 * MS, 1035 * MS]])
  assert.equal(meanMs, 57 / 3)
  assert.equal(longestMs, 40)
  assert.equal(longestInMeans, 20 / ((10 + 20 + 0) / 3))
})

test("what this host stood still for before and after a run is not the run's", () => {
  const seen = { rows: [row(1000, 1010, 1), row(1005, 1020, 2)], seconds: 1 }
  const { longestStandstillMs, allStandstillsMs } = busy(seen, [
    [900 * MS, 1003 * MS],
    [1006 * MS, 1008 * MS],
    [1018 * MS, 1100 * MS],
    [1200 * MS, 1300 * MS],
  ])
  assert.equal(longestStandstillMs, 3)
  assert.equal(allStandstillsMs, 8)
})

test('two owners of a board at one time are told, and a number that was given before', () => {
  const double = (...rows: Row[]): number => busy({ rows, seconds: 1 }, []).double
  assert.equal(double(row(0, 10, 1), row(0, 11, 2), row(0, 10.5, 1, 1)), 0)
  assert.equal(double(row(0, 10, 1), row(0, 10.5, 2)), 1)
  assert.equal(double(row(0, 10, 2), row(0, 20, 2)), 1)
})

test('rows come one behind the other', () => {
  const rows = [row(0, 10, 1), row(0, 20, 2)]
  assert.deepEqual(rowsOf(Float64Array.from(rows.flat())), rows)
})
