import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { Fault } from '../base/fault.ts'
import { FAULT_CODES, type FaultClass, type FaultCode } from '../base/fault-codes.ts'
import { type Judgement, judge, type Outcome } from './judge.ts'
import { faultIn, plainMessage } from './judge-text.ts'

const lost = new Fault('infrastructure/ssh-lost', { expected: 'an answer', seen: 'a closed socket' })
const panic = new Fault('product/panic', {
  expected: 'the kernel of the image to stay alive',
  seen: 'a kernel panic',
  evidence: ['[ 2.1] Kernel panic - not syncing'],
}).record()
const hang = new Fault('product/hang', { expected: 'an answer', seen: 'silence, power on' }).record()
const unmet = { message: 'expect(received).toBe(expected)\nExpected: 1\nReceived: 2', fromMatcher: true }
const thrown = { message: 'TypeError: Cannot read properties of undefined\n    at a.spec.ts:3:5', fromMatcher: false }
const ours = { message: `Error: ${lost.message}`, fromMatcher: false }

const CASES: [string, Partial<Outcome>, [Judgement['verdict'], FaultClass?, FaultCode?]][] = [
  ['a pass', { status: 'passed' }, ['pass']],
  ['a skip', { status: 'skipped', skipReason: 'no netvm here' }, ['skip']],
  ['a panic in a test that passed', { status: 'passed', fault: panic }, ['fail', 'product', 'product/panic']],
  ['a panic, SSH lost after it', { errors: [ours], fault: panic }, ['fail', 'product', 'product/panic']],
  ['a panic, then an interrupt', { status: 'interrupted', fault: panic }, ['fail', 'product', 'product/panic']],
  [
    'a panic, its worker lost',
    { workerLost: true, errors: [thrown], fault: panic },
    ['fail', 'product', 'product/panic'],
  ],
  [
    'an interrupt of a silent board',
    { status: 'interrupted', fault: hang },
    ['miss', 'cancelled', 'cancelled/interrupt'],
  ],
  [
    'an interrupt, noise while torn down',
    { status: 'interrupted', errors: [ours] },
    ['miss', 'cancelled', 'cancelled/interrupt'],
  ],
  ['an error of ours', { errors: [ours] }, ['error', 'infrastructure', 'infrastructure/ssh-lost']],
  [
    'an error of ours after an unmet expect',
    { errors: [unmet, ours] },
    ['error', 'infrastructure', 'infrastructure/ssh-lost'],
  ],
  [
    'an error of ours out of a matcher',
    { errors: [{ ...ours, fromMatcher: true }] },
    ['error', 'infrastructure', 'infrastructure/ssh-lost'],
  ],
  [
    'a time-out in a wait of ours',
    { status: 'timedOut', errors: [ours] },
    ['error', 'infrastructure', 'infrastructure/ssh-lost'],
  ],
  ['a lost worker', { workerLost: true, errors: [thrown] }, ['error', 'infrastructure', 'infrastructure/worker-lost']],
  ['an unmet expect', { errors: [unmet] }, ['fail', 'product']],
  ['an unmet expect, an exception after it', { errors: [unmet, thrown] }, ['fail', 'product']],
  ['an expect that waited too long', { status: 'timedOut', errors: [unmet] }, ['fail', 'product']],
  ['a time-out nobody claims', { status: 'timedOut', errors: [] }, ['error', 'test', 'test/timeout']],
  ['an exception', { errors: [thrown] }, ['error', 'test', 'test/exception']],
  ['a failure with no error', {}, ['error', 'test', 'test/exception']],
]

describe('judge', () => {
  for (const [name, outcome, [verdict, blame, code]] of CASES)
    it(`calls ${name} ${verdict}`, () => {
      const judgement = judge({ status: 'failed', errors: [], ...outcome })
      assert.deepEqual(
        { verdict: judgement.verdict, blame: judgement.blame, code: judgement.fault?.code },
        { verdict, blame, code },
      )
    })

  it('believes whoever told the fault apart before more than its text', () => {
    assert.deepEqual(judge({ status: 'failed', errors: [ours], fault: hang }), {
      verdict: 'fail',
      blame: 'product',
      fault: hang,
    })
  })

  it('quotes what the matcher said, and the reason of a skip', () => {
    assert.equal(judge({ status: 'failed', errors: [unmet] }).reason, unmet.message)
    assert.equal(judge({ status: 'skipped', errors: [], skipReason: 'no netvm' }).reason, 'no netvm')
  })

  it('hands on a panic with its console lines', () => {
    assert.deepEqual(judge({ status: 'failed', errors: [], fault: panic }).fault, panic)
  })

  it('never calls infrastructure a fail, or the product an error', () => {
    const code = fc.constantFrom(...(Object.keys(FAULT_CODES) as FaultCode[]))
    fc.assert(
      fc.property(code, fc.constantFrom('failed', 'timedOut'), (code, status) => {
        const { message } = new Fault(code, { expected: 'this', seen: 'that' })
        const { verdict, blame } = judge({ status, errors: [{ message, fromMatcher: false }, unmet] })
        assert.equal(verdict === 'fail', code.startsWith('product/'))
        assert.equal(blame, code.slice(0, code.indexOf('/')))
      }),
    )
  })
})

describe('faultIn', () => {
  it('gives back the fault its message was made of', () => {
    const line = fc.string({ maxLength: 40 }).filter(s => !/[\n\r\u001b\u0080-\u009f]|; saw /.test(s))
    const code = fc.constantFrom(...(Object.keys(FAULT_CODES) as FaultCode[]))
    fc.assert(
      fc.property(code, line, line, line, fc.array(line, { maxLength: 4 }), (code, expected, seen, next, evidence) => {
        const fault = new Fault(code, { expected, seen, next, evidence })
        assert.deepEqual(faultIn(`Error: ${fault.message}`), fault.record())
      }),
    )
  })

  it('reads what is left of a text cut short', () => {
    const fault = faultIn('product/hang: expected an answer; sa')
    assert.deepEqual(fault, {
      code: 'product/hang',
      expected: 'an answer; sa',
      seen: '',
      next: FAULT_CODES['product/hang'],
      evidence: [],
    })
  })

  it('sees nothing of ours in other texts', () => {
    assert.equal(faultIn('Error: product/unheard-of: expected x; saw y'), undefined)
    assert.equal(faultIn('TypeError: x is not a function'), undefined)
  })
})

describe('plainMessage', () => {
  it('drops colours and the stack', () => {
    assert.equal(
      plainMessage('\u001b[31mError: no\u001b[39m\n\n    at f (/a/b.ts:1:2)\n    at /a/c.ts:3:4'),
      'Error: no',
    )
  })
})
