import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { attribute, type Comparison } from './attribution.ts'
import { VERDICTS } from './verdict.ts'

const CONFIRMED = { ran: 1, agreed: 1 }
const SUSPECT = { ran: 2, agreed: 0 }

/** Whose it is; `cleared`: the product is not to blame. */
const CASES: [string, Partial<Comparison>, string, RegExp][] = [
  ['golden passes, the image fails again', { golden: 'pass', again: 'fail' }, 'product', /before and after$/],
  ['that, and on another board', { golden: 'pass', again: 'fail', sibling: 'fail' }, 'product', /another board too/],
  [
    'that, but not on another board',
    { golden: 'pass', again: 'fail', sibling: 'pass' },
    'product',
    /depends on the unit/,
  ],
  [
    'golden passes, then the image too',
    { golden: 'pass', again: 'pass' },
    'product',
    /flaky: .* failed it 2 of 3 times/,
  ],
  ['that, seen once', { golden: 'pass', again: 'pass', reruns: SUSPECT }, 'product', /failed it 1 of 4 times/],
  ['golden passes, then the bench fails', { golden: 'pass', again: 'error' }, 'product', /failed it 2 times/],
  ['that, of a suspect', { golden: 'pass', again: 'miss', reruns: SUSPECT }, 'unclear', /could not be tried again/],
  ['that, which fails elsewhere', { golden: 'pass', reruns: SUSPECT, sibling: 'fail' }, 'product', /another board too/],

  [
    'golden fails here, the image passes there',
    { golden: 'fail', sibling: 'pass' },
    'board, cleared',
    /passes it on another/,
  ],
  [
    'golden fails too',
    { golden: 'fail', again: 'fail' },
    'unclear',
    /^the golden image fails it on this board too: the test, the board, or/,
  ],
  [
    'golden fails, the image fails everywhere',
    { golden: 'fail', sibling: 'fail' },
    'test',
    /fails it on this board too, and the image fails it on another: the test, or/,
  ],
  [
    'that, and golden passed before',
    { golden: 'fail', sibling: 'fail', goldenPassedBefore: true },
    'test, cleared',
    /although the golden image passed it before/,
  ],

  ['golden cannot be tried', { golden: 'error' }, 'bench', /could not be tried/],
  ['golden cannot be tried, it passes elsewhere', { golden: 'miss', sibling: 'pass' }, 'bench', /could not be tried/],
  ['golden cannot be tried, it fails elsewhere', { golden: 'error', sibling: 'fail' }, 'product', /another board too/],
  ['golden does not have it', { golden: 'skip' }, 'unclear', /cannot be asked/],
  ['no golden image, it fails elsewhere', { sibling: 'fail' }, 'product', /another board too/],
  ['no golden image, it passes elsewhere', { sibling: 'pass' }, 'unclear', /passes it on another board/],
  ['nothing', {}, 'unclear', /nothing to compare/],
]

describe('a failed test is', () => {
  for (const [name, seen, says, why] of CASES)
    it(`${says}: ${name}`, () => {
      const found = attribute({ goldenPassedBefore: false, reruns: CONFIRMED, ...seen })
      assert.equal(`${found.is}${found.clears ? ', cleared' : ''}`, says)
      assert.match(found.why, why)
    })

  it('never somebody else’s than the product’s unless the golden image fails it on that board', () => {
    const verdict = fc.option(fc.constantFrom(...VERDICTS), { nil: undefined })
    const reruns = fc.record({ ran: fc.constantFrom(1, 2), agreed: fc.constantFrom(0, 1) })
    fc.assert(
      fc.property(
        verdict,
        verdict,
        verdict,
        fc.boolean(),
        reruns,
        (golden, again, sibling, goldenPassedBefore, reruns) => {
          const seen = { ...(golden && { golden }), ...(again && { again }), ...(sibling && { sibling }) }
          const { clears } = attribute({ ...seen, goldenPassedBefore, reruns })
          if (clears) assert.equal(golden, 'fail')
          if (clears && sibling !== 'pass') assert.ok(sibling === 'fail' && goldenPassedBefore)
        },
      ),
    )
  })
})
