import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import type { Evidence } from './cell.ts'
import { byTime, compareText, compareTime, lineOrder, newsOf } from './line-order.ts'
import { at, pass } from './status-test-kit.ts'

const anyLines = fc
  .array(fc.record({ age: fc.nat(9), position: fc.option(fc.nat(3), { nil: undefined }), name: fc.nat(4) }), {
    maxLength: 12,
  })
  .map(lines =>
    lines.map(({ age, position, name }, n) =>
      pass(age, { run: `r${n}`, commit: `${name} ${position}`, ...(position !== undefined && { position }) }),
    ),
  )

describe('lineOrder', () => {
  it('is an order: of two builds one is newer, and newer than newer is newer', () => {
    fc.assert(
      fc.property(anyLines, lines => {
        const { isNewer, buildsAfter } = lineOrder(lines)
        for (const a of lines)
          for (const b of lines) {
            assert.equal(isNewer(a, b) || isNewer(b, a), a.commit !== b.commit)
            assert.equal(isNewer(a, b), buildsAfter(a) < buildsAfter(b))
            if (a.position !== undefined && b.position !== undefined && a.position !== b.position)
              assert.equal(isNewer(a, b), a.position > b.position)
          }
      }),
    )
  })

  it('counts the builds that came after one', () => {
    const lines = [pass(1, at(3)), pass(2, at(2)), pass(2, at(2)), pass(9, { commit: 'x' })]
    const { buildsAfter } = lineOrder(lines)
    assert.deepEqual(lines.map(buildsAfter), [0, 1, 1, 2])
  })

  it('goes by the highest position that somebody claims for a build', () => {
    const { isNewer } = lineOrder([
      pass(3, { commit: 'a', position: 1 }),
      pass(2, { commit: 'a', position: 9 }),
      pass(1, at(5)),
    ])
    assert.ok(isNewer(pass(0, { commit: 'a' }), pass(0, at(5))))
  })

  it('puts a build without a position behind all that was tested before it, and before all that came later', () => {
    const [x, y, zero] = [pass(2, { commit: 'x' }), pass(1, { commit: 'y' }), pass(0, at(0))]
    const first = lineOrder([x, y, zero])
    assert.deepEqual([x, y, zero].map(first.buildsAfter), [2, 1, 0])
    const [five, nine] = [pass(9, at(5)), pass(0, at(9))]
    const between = lineOrder([nine, y, x, five])
    assert.deepEqual([five, x, y, nine].map(between.buildsAfter), [3, 2, 1, 0])
  })

  it('puts a build that it does not know before all others', () => {
    const [known, other] = [pass(1, { commit: 'a' }), pass(1, { commit: 'b' })]
    const { isNewer, buildsAfter } = lineOrder([known])
    assert.deepEqual([isNewer(known, other), isNewer(other, known), buildsAfter(other)], [true, false, 1])
  })

  it('puts builds of one instant in the order of their names', () => {
    const { isNewer } = lineOrder([pass(1, { commit: 'b' }), pass(1, { commit: 'a' })])
    assert.ok(isNewer(pass(1, { commit: 'b' }), pass(1, { commit: 'a' })))
  })
})

describe('byTime', () => {
  it('orders what is of one instant by run, then by board', () => {
    const lines = ['b 1', 'a 2', 'a 1', 'a 1'].map(name => {
      const [run, board] = name.split(' ') as [string, string]
      return pass(1, { run, board })
    })
    const told = lines.toSorted(byTime).map(({ run, board }) => `${run} ${board}`)
    assert.deepEqual(told, ['a 1', 'a 1', 'a 2', 'b 1'])
    assert.deepEqual([compareText('a', 'b'), compareText('b', 'a'), compareText('a', 'a')], [-1, 1, 0])
    assert.ok(byTime(pass(2, { run: 'z' }), pass(1, { run: 'a' })) < 0)
  })
})

describe('compareTime', () => {
  const cases: [a: string, b: string, order: number][] = [
    ['2026-09-01T08:00:00.000Z', '2026-09-01T08:00:00.001Z', -1],
    ['2026-09-01T08:00:00.000Z', '2026-09-01T08:00:00.000Z', 0],
    ['2026-09-01T08:00:00.000Z', '2026-09-01T08:00:00Z', 0],
    ['2026-09-01T08:00:00.000Z', '2026-09-01T09:00:00+02:00', 1],
    ['2026-09-01T08:00:00.000Z', '2026-09-01T09:00:00.000+02:00', 1],
    ['2026-09-01T08:00:00.000Z', '2026-09-01T09:00:00+0200', 1],
    ['2026-09-01T09:30:00+02:00', '2026-09-01T08:30:00-02:00', -1],
    ['2026-09-01T09:00:00+02:00', '2026-09-01T07:00:00Z', 0],
  ]
  for (const [a, b, order] of cases)
    it(`${a} and ${b}: ${order}`, () => {
      assert.equal(Math.sign(compareTime(a, b)), order)
      assert.equal(Math.sign(compareTime(b, a)), order === 0 ? 0 : -order)
    })
})

describe('newsOf', () => {
  const runs = (lines: Evidence[]): string[] => newsOf(lines).map(({ commit }) => commit!)

  it('is oldest first, without old builds tested again', () => {
    const lines = [pass(1, at(1)), pass(2, at(3)), pass(3, at(2)), pass(4, at(1))]
    assert.deepEqual(runs(lines), ['p-1', 'p-2', 'p-3'])
  })

  it('keeps what is tested again while it is the newest', () => {
    assert.deepEqual(runs([pass(1, at(2)), pass(2, at(2)), pass(3, at(1))]), ['p-1', 'p-2', 'p-2'])
  })

  it('never goes back in the line', () => {
    fc.assert(
      fc.property(anyLines, lines => {
        const { isNewer } = lineOrder(lines)
        const news = newsOf(lines)
        for (const [index, line] of news.entries()) {
          if (index === 0) continue
          assert.ok(!isNewer(news[index - 1]!, line))
          assert.ok(byTime(news[index - 1]!, line) <= 0)
        }
      }),
    )
  })
})
