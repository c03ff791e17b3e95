import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Evidence } from '../../model/cell.ts'
import type { Feature } from '../../model/feature.ts'
import type { ChangeKind } from './cell.ts'
import { found, reportOf, row } from './test-kit.ts'
import { changedCells } from './words.ts'

const ORIN = row(['Orin'])
const PROTOTYPE = row(['Orin'], { maturity: 'prototype' })
const before = (verdict: Evidence['verdict'], age = 40): Evidence => found('v26.07', verdict, age)
const now = (verdict: Evidence['verdict'], age = 2, more = {}): Evidence => found('v26.08', verdict, age, more)
/** A pass that lifts a fail: of a newer build, and confirmed. */
const REPAIRED = found('v26.07', 'pass', 40, { build: 'v26.07.1', reruns: { ran: 2, agreed: 2 } })

const CASES: [string, Feature, Evidence[], ChangeKind | undefined][] = [
  ['passed, passes', ORIN, [before('pass'), now('pass')], undefined],
  ['passed, fails', ORIN, [before('pass'), now('fail')], 'broken'],
  ['a prototype passed, fails', PROTOTYPE, [before('pass'), now('fail')], 'broken'],
  ['failed, passes', ORIN, [before('fail'), now('pass')], 'fixed'],
  ['failed, fails', ORIN, [before('fail'), now('fail')], 'still-broken'],
  ['failed, was repaired in the release before; fails', ORIN, [before('fail', 44), REPAIRED, now('fail')], 'broken'],
  [
    'failed, then passed once, unconfirmed; fails',
    ORIN,
    [before('fail', 44), before('pass'), now('fail')],
    'still-broken',
  ],
  ['not tested, passes', ORIN, [now('pass')], 'new'],
  ['not tested, fails', ORIN, [now('fail')], 'fails-first'],
  ['passed, not tested', ORIN, [before('pass')], 'untested'],
  ['failed, not tested', ORIN, [before('fail')], 'untested'],
  ['passed, passed 15 days ago', ORIN, [before('pass'), now('pass', 15)], 'stale'],
  ['passed, passed 14 days ago', ORIN, [before('pass'), now('pass', 14)], undefined],
  ['passed, passed 46 days ago: no longer believed', ORIN, [before('pass', 60), now('pass', 46)], 'untested'],
  ['was good a year ago and is so today', ORIN, [before('pass', 365), now('pass')], undefined],
  ['a pass on main is none of this release', ORIN, [before('pass'), found('main', 'pass', 2)], 'untested'],
  [
    'a pass of an image of unknown line is none either',
    ORIN,
    [before('pass'), now('pass', 2, { line: null })],
    'untested',
  ],
  [
    'a fail of a twin breaks nothing',
    ORIN,
    [before('pass'), now('pass', 3), now('fail', 2, { twin: true })],
    undefined,
  ],
  ['a pass after the time asked about', ORIN, [before('fail'), now('fail', 3), now('pass', -1)], 'still-broken'],
  [
    'passed, failed once and not again',
    ORIN,
    [before('pass'), now('pass', 3), now('fail', 2, { reruns: { ran: 2, agreed: 0 } })],
    undefined,
  ],
  [
    'passed, failed once and was never run again',
    ORIN,
    [before('pass'), now('fail', 2, { reruns: undefined })],
    'untested',
  ],
  ['a board type that the feature does not name', row(['x86']), [before('pass'), now('fail')], 'broken'],
]

describe('what changed between two releases', () => {
  for (const [name, feature, evidence, kind] of CASES)
    it(`${name}: ${kind ?? 'no change'}`, () => {
      const report = reportOf(feature, [found('v26.07', 'pass', 400, { feature: 'g' }), ...evidence])
      const orin = report.rows[0]?.cells.find(({ type }) => type === 'orin')
      assert.equal(orin?.change, kind, orin?.now.why)
    })

  it('names the evidence of both sides and the builds between which it turned', () => {
    const rc = now('pass', 9, { build: 'rc' })
    const [broken] = changedCells(reportOf(ORIN, [before('pass'), rc, now('fail', 5), now('fail', 2)]), 'broken')
    assert.equal(broken?.now.evidence?.run, 'v26.08-2-orin')
    assert.equal(broken?.before?.evidence?.run, 'v26.07-40-orin')
    assert.deepEqual([broken?.turn?.last, broken?.turn?.first.run], [rc, 'v26.08-5-orin'])
  })

  it('finds the turn across the two releases, and on no other line', () => {
    const [fixed] = changedCells(reportOf(ORIN, [before('fail'), found('main', 'fail', 5), now('pass')]), 'fixed')
    assert.equal(fixed?.turn?.last.run, 'v26.07-40-orin')
  })

  it('says that a pass is of an older build, but not for an old image that was tested again', () => {
    const older = now('pass', 5, { build: 'rc' })
    const other = now('pass', 2, { feature: 'g', build: 'final' })
    const cell = (evidence: Evidence[]) => reportOf(ORIN, [before('pass'), ...evidence]).rows[0]?.cells[0]
    assert.deepEqual([cell([older, other])?.old, cell([older, other])?.change], ['of an older build', 'stale'])
    const again = now('pass', 1, { feature: 'g', build: 'rc' })
    assert.equal(cell([older, now('pass', 3, { build: 'final' }), again])?.old, undefined)
  })

  it('lists what was tested and is no row any more', () => {
    const gone = (type: string, age: number): Evidence => found('v26.07', 'pass', age, { feature: 'vmd', type })
    const { removed } = reportOf(ORIN, [gone('orin', 44), gone('orin', 40), gone('nuc', 41), now('pass')])
    assert.deepEqual(
      removed.map(({ feature, last }) => [feature, ...last.map(e => e.run)]),
      [['vmd', 'v26.07-40-orin', 'v26.07-41-nuc']],
    )
  })

  it('compares nothing when there is no release before', () => {
    const { rows, removed } = reportOf(ORIN, [before('pass'), now('fail')], { from: undefined as never })
    assert.deepEqual(
      [rows[0]?.before, rows[0]?.cells.flatMap(({ change }) => change ?? []), removed],
      [undefined, [], []],
    )
  })
})
