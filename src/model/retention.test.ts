import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { retain, type KeptRun } from './retention.ts'

const NOW_MS = Date.UTC(2026, 8, 30)

/** A run of some boards, so many days ago; it took an hour. */
function ran(days: number, boards = ['nuc-1'], more: Partial<KeptRun> = {}): KeptRun {
  const startedAt = new Date(NOW_MS - days * 86_400_000).toISOString()
  const endedAt = new Date(Date.parse(startedAt) + 3_600_000).toISOString()
  return { run: `${boards.join('+')} ${days}`, bench: 'b', startedAt, endedAt, boards, ...more }
}

const NOTHING = { evidence: new Set<string>(), lastFails: new Set<string>(), nowMs: NOW_MS }

function gone(runs: readonly KeptRun[], policy: object, known: object = {}): string[] {
  const retained = retain(runs, { keepLast: 0, keepDays: 0, ...policy }, { ...NOTHING, ...known })
  return retained.filter(({ why }) => why === null).map(({ run }) => run.run)
}

describe('retain', () => {
  it('keeps the latest of each board, of a run with several boards for each of them', () => {
    const runs = [ran(1), ran(2), ran(3), ran(9, ['x1-1', 'nuc-1']), ran(10, ['x1-1'])]
    assert.deepEqual(gone(runs, { keepLast: 1 }), ['nuc-1 2', 'nuc-1 3', 'x1-1 10'])
    const otherBench = ran(4, ['nuc-1'], { bench: 'c' })
    assert.deepEqual(gone([...runs, otherBench], { keepLast: 1 }), ['nuc-1 2', 'nuc-1 3', 'x1-1 10'])
  })

  it('keeps what is younger than the days asked for', () => {
    assert.deepEqual(gone([ran(29.9), ran(30), ran(31)], { keepDays: 30 }), ['nuc-1 30', 'nuc-1 31'])
  })

  it('keeps what evidence names and the last fails, however old', () => {
    const known = { evidence: new Set(['nuc-1 400']), lastFails: new Set(['nuc-1 500']) }
    assert.deepEqual(gone([ran(400), ran(500), ran(600)], {}, known), ['nuc-1 600'])
  })

  it('keeps what may still be in progress, or ended just now, whatever the policy', () => {
    const ended = (minutesAgo: number): Partial<KeptRun> => ({
      endedAt: new Date(NOW_MS - minutesAgo * 60_000).toISOString(),
    })
    const runs = [
      ran(1, ['a'], { endedAt: null }),
      ran(3, ['b'], { endedAt: null }),
      ran(4, ['c'], ended(9)),
      ran(5, ['d'], ended(11)),
    ]
    assert.deepEqual(gone(runs, {}), ['b 3', 'd 5'])
  })

  it('keeps a run whose time nobody can read', () => {
    assert.deepEqual(gone([ran(1, ['a'], { startedAt: 'yesterday' })], {}), [])
  })

  it('keeps more the more a policy asks for', () => {
    const runs = fc.array(fc.tuple(fc.nat(60), fc.subarray(['a', 'b', 'c'], { minLength: 1 })), { maxLength: 20 })
    fc.assert(
      fc.property(runs, fc.nat(5), fc.nat(60), (made, keepLast, keepDays) => {
        const all = made.map(([days, boards], n) => ran(days, boards, { run: `r${n}` }))
        const fewer = gone(all, { keepLast: keepLast + 1, keepDays: keepDays + 1 })
        const more = gone(all, { keepLast, keepDays })
        assert.ok(fewer.every(run => more.includes(run)))
        for (const board of ['a', 'b', 'c']) {
          const own = all.filter(({ boards }) => boards.includes(board))
          const left = own.filter(({ run }) => !more.includes(run)).length
          assert.ok(left >= Math.min(keepLast, own.length))
        }
      }),
    )
  })
})
