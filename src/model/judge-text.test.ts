import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { FAULT_CODES } from '../base/fault-codes.ts'
import { faultIn, plainMessage } from './judge-text.ts'

const NEXT = FAULT_CODES['product/hang']

describe('faultIn', () => {
  const cases: [name: string, text: string, found: object][] = [
    [
      'a whole message',
      'product/hang: expected an answer; saw none\n    line 1\n    line 2\n  next: look',
      { expected: 'an answer', seen: 'none', next: 'look', evidence: ['line 1', 'line 2'] },
    ],
    [
      'a stack behind it, which quotes nothing',
      'Error: product/hang: expected an answer; saw none\n    quoted\n  next: look\n    at f (/a.ts:1:2)',
      { expected: 'an answer', seen: 'none', next: 'look', evidence: ['quoted'] },
    ],
    [
      'nothing quoted',
      'product/hang: expected an answer; saw none\n  next: look',
      { expected: 'an answer', seen: 'none', next: 'look', evidence: [] },
    ],
    [
      'cut short among what it quotes',
      'product/hang: expected an answer; saw none\n    line 1\n    line 2',
      { expected: 'an answer', seen: 'none', next: NEXT, evidence: ['line 1', 'line 2'] },
    ],
    [
      'what was seen says `; saw` too, and its lines are not quoted',
      'product/hang: expected an answer; saw a; saw b\n  and more\n    quoted\n  next: look',
      { expected: 'an answer', seen: 'a; saw b', next: 'look', evidence: ['quoted'] },
    ],
    [
      'cut short before what was seen',
      'product/hang: expected an answer',
      { expected: 'an answer', seen: '', next: NEXT, evidence: [] },
    ],
    [
      'cut short before what was expected',
      'product/hang: expected ',
      { expected: '', seen: '', next: NEXT, evidence: [] },
    ],
    [
      'in colours',
      '\u001b[31mproduct/hang: expected an answer; saw none\u001b[39m',
      { expected: 'an answer', seen: 'none', next: NEXT, evidence: [] },
    ],
  ]
  for (const [name, text, found] of cases)
    it(name, () => {
      assert.deepEqual(faultIn(text), { code: 'product/hang', ...found })
    })
})

describe('plainMessage', () => {
  const cases: [name: string, message: string, plain: string][] = [
    ['one line', 'no', 'no'],
    ['no colours', '\u001b[31mno\u001b[39m', 'no'],
    ['no empty lines, no spaces behind a line, those in front kept', '  a  \n\n   \n b', '  a\n b'],
    ['no stack of a function', 'no\n    at f (/a/b.ts:1:2)\n    at /a/c.ts:3:4', 'no'],
    ['no stack of a place', 'no\n  at /a/c.ts:13:14\nmore', 'no'],
    ['no stack of a native function', 'no\n    at Array.map (<anonymous>)', 'no'],
    ['only a stack', '    at f (/a/b.ts:1:2)', ''],
    ['words that begin with `at`', 'no\n at first it worked', 'no\n at first it worked'],
    ['a place that is named in words', 'looked at /a/c.ts:3:4', 'looked at /a/c.ts:3:4'],
    ['brackets that go on', 'no\n  at the door (left) of it', 'no\n  at the door (left) of it'],
    ['a place that goes on', 'no\n  at /a/c.ts:3:4 of it', 'no\n  at /a/c.ts:3:4 of it'],
  ]
  for (const [name, message, plain] of cases)
    it(name, () => {
      assert.equal(plainMessage(message), plain)
    })

  it('is at most twelve lines', () => {
    const lines = Array.from({ length: 13 }, (_, n) => `line ${n}`)
    assert.equal(plainMessage(lines.join('\n')), lines.slice(0, 12).join('\n'))
    assert.equal(plainMessage(lines.slice(1).join('\n')), lines.slice(1).join('\n'))
  })
})
