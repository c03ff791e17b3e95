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
const record = (code: FaultCode) => new Fault(code, { expected: 'this', seen: 'that' }).record()
const oops = record('product/kernel-trouble')
const shutdown = record('product/shutdown')
const unplugged = record('infrastructure/board-gone')
const cancelled = record('cancelled/interrupt')
const taken = record('lease/console-taken')
const theirs = {
  message: `Error: ${new Fault('product/no-guest', { expected: 'a guest', seen: 'none' }).message}`,
  fromMatcher: false,
}
const bug = { message: `Error: ${new Fault('internal/bug', { expected: 'a', seen: 'b' }).message}`, fromMatcher: false }
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
  [
    'kernel trouble it survived, then an interrupt',
    { status: 'interrupted', fault: oops },
    ['fail', 'product', 'product/kernel-trouble'],
  ],
  [
    'a death told as text beside a lost SSH',
    { errors: [ours], fault: oops },
    ['fail', 'product', 'product/kernel-trouble'],
  ],
  ['SSH lost, and nobody knows why', { fault: lost.record() }, ['error', 'infrastructure', 'infrastructure/ssh-lost']],
  ['SSH lost, silent with power', { errors: [ours], fault: hang }, ['fail', 'product', 'product/hang']],
  ['its own shutdown', { errors: [ours], fault: shutdown }, ['fail', 'product', 'product/shutdown']],
  [
    'its power taken from outside',
    { errors: [unmet], fault: unplugged },
    ['error', 'infrastructure', 'infrastructure/board-gone'],
  ],
  [
    'the first of two errors of ours',
    { errors: [ours, theirs] },
    ['error', 'infrastructure', 'infrastructure/ssh-lost'],
  ],
  ['an error of ours behind an exception', { errors: [thrown, theirs] }, ['fail', 'product', 'product/no-guest']],
  [
    'a lost worker that says whose fault',
    { workerLost: true, errors: [theirs] },
    ['fail', 'product', 'product/no-guest'],
  ],
  [
    'a lost worker behind an unmet expect',
    { workerLost: true, errors: [unmet] },
    ['error', 'infrastructure', 'infrastructure/worker-lost'],
  ],
  ['a lost worker that says nothing', { workerLost: true }, ['error', 'infrastructure', 'infrastructure/worker-lost']],
  ['an unmet expect in a test that is skipped later', { status: 'skipped', errors: [unmet] }, ['fail', 'product']],
  ['a time-out with an exception', { status: 'timedOut', errors: [thrown] }, ['error', 'test', 'test/timeout']],
  [
    'an exception in a test that passed otherwise',
    { status: 'passed', errors: [thrown] },
    ['error', 'test', 'test/exception'],
  ],
  [
    'a promised feature that is not in the image',
    { status: 'skipped', absent: 'no unit', isPromised: true },
    ['fail', 'product'],
  ],
  ['one that is not promised', { status: 'skipped', absent: 'no unit', skipReason: 'no unit' }, ['skip']],
  ['a skip of a promised feature', { status: 'skipped', isPromised: true }, ['skip']],
  ['an absence that ended otherwise', { status: 'passed', absent: 'no unit', isPromised: true }, ['pass']],
  [
    'a failure without an error that speaks of absence',
    { absent: 'no unit', isPromised: true },
    ['error', 'test', 'test/exception'],
  ],
  [
    'a test that was cancelled by a hand on its board',
    { fault: cancelled },
    ['miss', 'cancelled', 'cancelled/interrupt'],
  ],
  ['a console that was taken', { fault: taken }, ['miss', 'lease', 'lease/console-taken']],
  ['a bug of ours', { errors: [bug] }, ['error', 'internal', 'internal/bug']],
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

  it('says in words what it has no better ones for', () => {
    const seen = (outcome: Partial<Outcome>): string | undefined =>
      judge({ status: 'failed', errors: [], ...outcome }).fault?.seen
    assert.equal(seen({}), 'status failed')
    assert.equal(seen({ workerLost: true }), 'it was gone')
    assert.equal(seen({ workerLost: true, errors: [thrown] }), 'TypeError: Cannot read properties of undefined')
    assert.equal(seen({ status: 'timedOut' }), 'it was still running')
    assert.equal(seen({ status: 'timedOut', errors: [thrown] }), 'TypeError: Cannot read properties of undefined')
    assert.equal(seen({ errors: [thrown] }), 'TypeError: Cannot read properties of undefined')
    assert.equal(seen({ status: 'interrupted' }), 'an interrupt')
    const expected = (outcome: Partial<Outcome>): string | undefined =>
      judge({ status: 'failed', errors: [], ...outcome }).fault?.expected
    assert.equal(expected({}), 'a pass, or an error that says why not')
    assert.equal(expected({ workerLost: true }), 'the test process to live until the test ends')
    assert.match(
      expected({ status: 'timedOut' }) ?? '',
      /^the test to end within its own limit, or a wait in it to say/,
    )
    assert.equal(expected({ errors: [thrown] }), 'no exception in the suite')
    assert.equal(expected({ status: 'interrupted' }), 'to finish')
  })

  it('quotes what the matcher said, and the reason of a skip', () => {
    const gone = judge({ status: 'skipped', errors: [], absent: 'no unit', isPromised: true })
    assert.equal(gone.reason, 'declared integrated, but absent from the image: no unit')
    assert.equal(judge({ status: 'skipped', errors: [] }).reason, 'no reason given')
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
