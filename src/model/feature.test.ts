import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Feature, whyNotOn } from './feature.ts'
import { row } from './status-test-kit.ts'

describe('whyNotOn', () => {
  const CASES: [string, object, string | undefined][] = [
    ['what applies', {}, undefined],
    ['what needs what the board has', { needs: ['serial'] }, undefined],
    ['what needs more', { needs: ['serial', 'gui', 'netvm'] }, 'the board has no gui, netvm'],
    [
      'what makes no sense there',
      { notApplicable: { nuc: 'it has no screen' } },
      'does not apply to nuc: it has no screen',
    ],
    ['what makes no sense elsewhere', { notApplicable: { orin: 'it has no screen' } }, undefined],
    ['what is not written', { suite: undefined }, 'no suite is written'],
    ['what was removed', { removed: { since: 'v26.06' }, notApplicable: { nuc: 'x' } }, 'removed since v26.06'],
  ]
  for (const [name, more, why] of CASES)
    it(name, () => assert.equal(whyNotOn(row(['x86'], more), { name: 'nuc' }, ['nuc', 'serial']), why))
})

describe('a row', () => {
  it('says why it does not apply, and since when it is gone', () => {
    const wrong = Feature.safeParse({ ...row(['x86']), notApplicable: { nuc: '' }, removed: { since: '' } })
    assert.deepEqual(
      wrong.error?.issues.map(({ path }) => path.join('.')),
      ['notApplicable.nuc', 'removed.since'],
    )
  })
})
