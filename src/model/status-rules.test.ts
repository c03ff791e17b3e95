import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Evidence } from './cell.ts'
import type { Feature } from './feature.ts'
import { statusOf, type StatusOptions } from './status.ts'
import {
  AS_OF,
  fail,
  failed,
  issue,
  LABELS,
  ORIN,
  pass,
  passes,
  PROTOTYPE,
  row,
  ruleTables,
  seen,
  suspect,
} from './status-test-kit.ts'

ruleTables({
  '8: old evidence': [
    ['14 days', ORIN, [pass(14)], '✅', 'passes'],
    ['15 days', ORIN, [pass(15)], '✅', 'passes; stale on orin'],
    ['9 builds', ORIN, [pass(9), ...othersOf(8, 0)], '✅', 'passes'],
    ['10 builds', ORIN, [pass(10), ...othersOf(9, 0)], '✅', 'passes; stale on orin'],
    ['10 runs of one build', ORIN, [pass(10), ...othersOf(9, 0).map(e => ({ ...e, commit: 'x' }))], '✅', 'passes'],
    [
      '10 builds of another line',
      ORIN,
      [pass(10), ...othersOf(9, 0).map(e => ({ ...e, line: 'v26.08' }))],
      '✅',
      'passes',
    ],
    ['a board gone for six weeks', ORIN, [pass(45)], '✅', 'passes; stale on orin'],
    ['a board gone for longer', ORIN, [pass(46)], '🚧', 'no longer tested, passed until 2026-07-17: orin'],
    ['a fail of a year ago', ORIN, [fail(365)], '❌', 'fails, though declared integrated: orin'],
    [
      'a suspect does not make it fresh',
      ORIN,
      [pass(46), suspect(1)],
      '🚧',
      'no longer tested, passed until 2026-07-17: orin',
    ],
    ['never', ORIN, [], '🚧', 'never tested: orin'],
    ['after the time asked about', ORIN, [pass(-1)], '🚧', 'never tested: orin'],
    [
      'stale and doubted',
      ORIN,
      [pass(16), suspect(15)],
      '✅',
      'passes; failed 1 of 3 times on 2026-08-17, not confirmed: orin; stale on orin',
    ],
  ],
  '9: known issues': [
    ['open', ORIN, [pass(1)], '❌', 'known issue GHAF-7 of ann, until 2026-09-30: orin', { issues: [issue()] }],
    [
      'open, of a row nobody tested',
      ORIN,
      [],
      '❌',
      'known issue GHAF-7 of ann, until 2026-09-30: orin',
      { issues: [issue()] },
    ],
    [
      'open, without a suite',
      row(['Orin'], { suite: undefined }),
      [],
      '❌',
      'known issue GHAF-7 of ann, until 2026-09-30: orin',
      { issues: [issue()] },
    ],
    ['expired: the evidence decides', ORIN, [pass(1)], '✅', 'passes', { issues: [issue({ expires: '2026-08-31' })] }],
    [
      'expired, and it still fails',
      ORIN,
      [fail(1)],
      '❌',
      'fails, though declared integrated: orin',
      { issues: [issue({ expires: '2026-08-31' })] },
    ],
    [
      'on its last day',
      ORIN,
      [pass(1)],
      '❌',
      'known issue GHAF-7 of ann, until 2026-09-01: orin',
      { issues: [issue({ expires: '2026-09-01' })] },
    ],
    ['not opened yet', ORIN, [pass(1)], '✅', 'passes', { issues: [issue({ opened: '2026-09-02' })] }],
    ['of another row', ORIN, [pass(1)], '✅', 'passes', { issues: [issue({ feature: 'g' })] }],
    ['on another board type', ORIN, [pass(1)], '✅', 'passes', { issues: [issue({ types: ['nuc'] })] }],
    [
      'on one of two types',
      row(['Orin', 'imx8mp']),
      [pass(1), seen('imx8mp', 'pass', 1)],
      '❌',
      'known issue GHAF-7 of ann, until 2026-09-30: imx8mp',
      { issues: [issue({ types: ['imx8mp'] })] },
    ],
    ['on another line', ORIN, [pass(1)], '✅', 'passes', { issues: [issue({ lines: ['v26.08'] })] }],
    [
      'on this line',
      ORIN,
      [pass(1)],
      '❌',
      'known issue GHAF-7 of ann, until 2026-09-30: orin',
      { issues: [issue({ lines: ['v26.08', 'main'] })] },
    ],
  ],
  '10: absent and removed features': [
    [
      'absent from the image though integrated',
      ORIN,
      [pass(2), fail(1, { absent: true })],
      '❌',
      'declared integrated, but absent from the image: orin',
    ],
    [
      'absent once, not confirmed',
      ORIN,
      [pass(2), suspect(1, { absent: true })],
      '✅',
      'passes; failed 1 of 3 times on 2026-08-31, not confirmed: orin',
    ],
    ['no longer declared integrated', PROTOTYPE, [fail(1, { absent: true })], '🚧', 'fails, still a prototype: orin'],
    ['removed', row(['Orin'], { removed: { since: 'v26.06' } }), [pass(1)], '—', 'removed since v26.06: to be deleted'],
    [
      'removed and broken',
      row(['Orin'], { removed: { since: 'v26.06' } }),
      [fail(1)],
      '—',
      'removed since v26.06: to be deleted',
    ],
    [
      'removed with a known issue',
      row(['Orin'], { removed: { since: 'v26.06' } }),
      [],
      '—',
      'removed since v26.06: to be deleted',
      { issues: [issue()] },
    ],
  ],
  '11: twins have a column of their own': [
    ['a twin passes', ORIN, [pass(1, { twin: true })], '🚧', 'never tested: orin'],
    ['a twin fails', ORIN, [pass(2), fail(1, { twin: true })], '✅', 'passes'],
    [
      'a twin disagrees with a board',
      ORIN,
      [pass(2, { commit: 'x' }), fail(1, { commit: 'x', twin: true, board: 'virtual' })],
      '✅',
      'passes',
    ],
  ],
})

function othersOf(from: number, to: number): Evidence[] {
  return passes(from, to).map(evidence => ({ ...evidence, feature: 'g', type: 'nuc', board: 'nuc-1' }))
}

describe('a row of several board types', () => {
  const told = (feature: Feature, evidence: Evidence[]): string => statusOf(feature, evidence, LABELS, AS_OF).why
  const BOTH = row(['Orin', 'imx8mp'])

  it('names every type, those with the same reason together', () => {
    assert.equal(told(BOTH, []), 'never tested: orin, imx8mp')
    assert.equal(told(BOTH, [failed('orin', 1), pass(9)]), 'fails, passed until 2026-08-23: orin')
    assert.equal(
      told(BOTH, [seen('orin', 'pass', 50), seen('imx8mp', 'pass', 1, { untested: ['a'] })]),
      'no longer tested, passed until 2026-07-13: orin; untested: a: imx8mp',
    )
    assert.equal(told(BOTH, [seen('orin', 'pass', 20), seen('imx8mp', 'pass', 19)]), 'passes; stale on orin, imx8mp')
    const none = row(['Orin', 'imx8mp'], { notApplicable: { orin: 'no screen', imx8mp: 'no GPU' } })
    assert.equal(told(none, []), 'applies to no board type (orin: no screen; imx8mp: no GPU)')
    assert.equal(told(row(['riscv64', 'Abacus']), []), 'no board type here is riscv64, Abacus')
  })

  it('names the types of every word that is not proven, and no other', () => {
    assert.equal(told(row(['Orin', 'x86', 'imx8mp']), [pass(1)]), 'never tested: nuc, x1, imx8mp')
    assert.equal(told(row(['x86', 'imx8mp']), [seen('x1', 'pass', 1)]), 'never tested: imx8mp')
  })

  it('names every board that disagrees', () => {
    const on = (board: string, verdict: 'pass' | 'fail', age: number): Evidence =>
      seen('orin', verdict, age, { board, commit: 'x' })
    assert.equal(
      told(ORIN, [on('a', 'pass', 4), on('b', 'pass', 3), on('c', 'fail', 2), on('d', 'fail', 1)]),
      'boards disagree on one image: fails on c, d, passes on a, b; run both again: orin',
    )
  })

  it('is proposed only when it passes everywhere, and has the twins of its own feature', () => {
    const twin = { twin: true, board: 'virtual-1' }
    const { proposed, twins } = statusOf(ORIN, [pass(1), pass(1, { ...twin, feature: 'g' })], LABELS, AS_OF)
    assert.equal(proposed, false)
    assert.deepEqual(twins, [{ type: 'orin', status: 'never' }])
    assert.equal(statusOf(PROTOTYPE, [], LABELS, AS_OF).proposed, false)
    assert.equal(statusOf(PROTOTYPE, [pass(1)], LABELS, AS_OF).proposed, true)
  })
})

describe('the status on a board type', () => {
  const onOrin = (evidence: Evidence[], options?: StatusOptions) =>
    statusOf(ORIN, evidence, LABELS, AS_OF, options).perType[0]!

  it('leads to the evidence that decides', () => {
    const decides = (evidence: Evidence[], options?: StatusOptions): string | undefined =>
      onOrin(evidence, options).evidence?.run
    assert.equal(decides([pass(3), pass(2), suspect(1)]), 'r-2')
    assert.equal(decides([pass(3), fail(2), pass(1)]), 'r-2')
    assert.equal(decides([pass(4), suspect(3), suspect(2), pass(1)]), 'r-2')
    assert.equal(decides([suspect(1)]), 'r-1')
    assert.equal(decides([pass(1)], { issues: [issue()] }), 'r-1')
    assert.equal(decides([suspect(1)], { issues: [issue()] }), 'r-1')
    assert.equal(decides([pass(2, { commit: 'x' }), fail(1, { commit: 'x', board: 'orin-2' })]), 'r-1')
    assert.equal(decides([]), undefined)
  })

  it('is all there is to say of a pass, and of what was never seen', () => {
    const evidence = pass(1)
    assert.deepEqual(onOrin([evidence]), {
      ...{ type: 'orin', status: '✅', why: 'passes', stale: false, evidence, age: { days: 1, builds: 0 } },
    })
    assert.deepEqual(onOrin([]), { type: 'orin', status: '🚧', why: 'never tested', stale: false })
  })

  it('says what a pass is to be taken with', () => {
    const { why, doubt } = onOrin([pass(2), suspect(1)])
    assert.equal(doubt, 'failed 1 of 3 times on 2026-08-31, not confirmed')
    assert.equal(why, `passes; ${doubt}`)
  })

  it('says how old that is, in days and builds', () => {
    const { age, stale } = onOrin([pass(16.5), ...othersOf(3, 1)])
    assert.deepEqual([age, stale], [{ days: 16, builds: 3 }, true])
    assert.equal(onOrin([]).age, undefined)
    assert.equal(onOrin([]).stale, false)
  })

  it('names the known issue that holds longest', () => {
    const issues = [issue({ expires: '2026-09-02' }), issue({ ticket: 'B' }), issue({ ticket: 'A' })]
    for (const given of [issues, issues.toReversed()]) assert.equal(onOrin([], { issues: given }).issue?.ticket, 'A')
  })
})
