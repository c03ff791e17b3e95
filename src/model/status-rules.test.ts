import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Evidence } from './cell.ts'
import { statusOf, type StatusOptions } from './status.ts'
import {
  AS_OF,
  fail,
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
