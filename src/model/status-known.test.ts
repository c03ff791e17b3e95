import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import type { Evidence } from './cell.ts'
import { byTime, lineOrder } from './line-order.ts'
import { knownUntil } from './status-known.ts'
import { statusesOf, statusOf } from './status.ts'
import { AS_OF, LABELS, row, seen } from './status-test-kit.ts'

const FEATURES = [row(['Orin'], { id: 'a' }), row(['x86'], { id: 'b' }), row(['All'], { id: 'c' })]

/** Two years apart or three minutes, written as any clock may write it. */
const anyTime = fc
  .record({ minutes: fc.integer({ min: -1_000_000, max: 5 }), zone: fc.constantFrom('Z', '+00:00', 'short') })
  .map(({ minutes, zone }) => {
    const text = new Date(Date.parse(AS_OF) + minutes * 60_000).toISOString()
    return zone === 'short' ? text.replace('.000Z', 'Z') : text.replace('Z', zone)
  })

const anyLine: fc.Arbitrary<Evidence> = fc
  .record({
    type: fc.constantFrom('orin', 'nuc', 'x1'),
    verdict: fc.constantFrom<'pass' | 'fail'>('pass', 'fail'),
    more: fc.record({
      feature: fc.constantFrom('a', 'b', 'c', 'gone'),
      at: anyTime,
      run: fc.nat(9).map(n => `r${n}`),
      board: fc.constantFrom('one', 'two'),
      twin: fc.boolean(),
      line: fc.constantFrom(null, 'main', 'main', 'release'),
      commit: fc.constantFrom(null, 'c1', 'c2', 'c3', 'c4', '__proto__', '7'),
      imageSha256: fc.constantFrom('a', 'b').map(digit => digit.repeat(64)),
    }),
    position: fc.option(fc.nat(4), { nil: undefined }),
  })
  .map(({ type, verdict, more, position }) =>
    seen(type, verdict, 0, { ...more, ...(position !== undefined && { position }) }),
  )
const anyLines = fc.array(anyLine, { maxLength: 40 })

/** How many builds came after that of each finding, as the rule of `lineOrder` says it, build by build. */
function buildsAfterByRule(evidence: readonly Evidence[]): number[] {
  const nameOf = ({ commit, imageSha256 }: Evidence): string => commit ?? imageSha256
  const builds = [...new Set(evidence.map(nameOf))].map(name => {
    const own = evidence.filter(e => nameOf(e) === name)
    const positions = own.flatMap(({ position }) => position ?? [])
    const position = positions.length > 0 ? Math.max(...positions) : undefined
    return { name, position, firstMs: Math.min(...own.map(({ at }) => Date.parse(at))) }
  })
  const inTime = builds.toSorted((a, b) => a.firstMs - b.firstMs || (a.name < b.name ? -1 : 1))
  const placed = inTime.map(({ name, position }, index) => {
    const before = inTime.slice(0, index).flatMap(({ position }) => position ?? [])
    return { name, index, place: position ?? Math.max(-1, ...before) }
  })
  const names = placed.sort((a, b) => a.place - b.place || a.index - b.index).map(({ name }) => name)
  return evidence.map(finding => names.length - 1 - names.indexOf(nameOf(finding)))
}

describe('knownUntil', () => {
  it('finds what a look at each line by itself finds', () => {
    fc.assert(
      fc.property(anyLines, fc.constantFrom('main', 'release', 'none'), (evidence, line) => {
        const known = knownUntil(evidence, AS_OF, line)
        const until = evidence.filter(({ at }) => Date.parse(at) <= Date.parse(AS_OF))
        for (const id of ['a', 'b', 'c', 'gone', 'never']) {
          const own = until.filter(({ feature }) => feature === id)
          assert.deepEqual(
            known.onLine(id),
            own.filter(e => e.line === line && !e.twin),
          )
          assert.deepEqual(known.ofTwins(id), own.filter(({ twin }) => twin).sort(byTime))
        }
        const onLine = until.filter(e => e.line === line)
        assert.deepEqual(onLine.map(known.buildsAfter), buildsAfterByRule(onLine))
        assert.equal(known.asOfMs, Date.parse(AS_OF))
      }),
    )
  })

  it('knows nothing as of no time', () => {
    assert.deepEqual(knownUntil([seen('orin', 'pass', 1)], 'yesterday', 'main').onLine('f'), [])
  })
})

describe('statusesOf', () => {
  it('says of many rows what it says of each alone', () => {
    fc.assert(
      fc.property(anyLines, evidence => {
        const alone = FEATURES.map(feature => statusOf(feature, evidence, LABELS, AS_OF))
        assert.deepEqual(statusesOf(FEATURES, evidence, LABELS, AS_OF), alone)
      }),
    )
  })
})

describe('lineOrder', () => {
  it('is a strict order of builds', () => {
    fc.assert(
      fc.property(anyLines, evidence => {
        const { isNewer } = lineOrder(evidence)
        const after = buildsAfterByRule(evidence)
        for (const [i, a] of evidence.entries())
          for (const [j, b] of evidence.entries()) assert.equal(isNewer(a, b), after[i]! < after[j]!)
      }),
    )
  })
})
