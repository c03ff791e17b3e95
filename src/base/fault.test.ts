import assert from 'node:assert/strict'
import { test } from 'node:test'
import { asFault, classOf, codeIn, Fault, type FaultRecord } from './fault.ts'
import { FAULT_CODES, type FaultCode } from './fault-codes.ts'

const fault = new Fault('infrastructure/tty-gone', { expected: 'a cable', seen: 'none', evidence: ['line one'] })

test('a fault says what was expected, what was seen and what to do next', () => {
  assert.equal(
    fault.message,
    'infrastructure/tty-gone: expected a cable; saw none\n    line one\n  next: check the console cable: the adapter vanished from this host',
  )
})

test('it survives JSON, and its code survives plain text', () => {
  const again = Fault.from(JSON.parse(JSON.stringify(fault.record())) as FaultRecord)
  assert.deepEqual(again.record(), fault.record())
  assert.equal(again.class, 'infrastructure')
  assert.equal(codeIn(`Error: ${fault.message}`), 'infrastructure/tty-gone')
  assert.equal(codeIn('Error: product/unheard-of: expected x'), undefined)
})

test('every code has a class that leads to a verdict, and a next step', () => {
  const classes = ['configuration', 'infrastructure', 'lease', 'product', 'test', 'cancelled', 'internal']
  for (const [code, next] of Object.entries(FAULT_CODES)) {
    assert.ok(classes.includes(classOf(code as FaultCode)), code)
    assert.ok(next.length > 10, code)
  }
})

test('what is thrown becomes a fault: ours stays, an abort is nobody’s, anything else is our bug', () => {
  assert.equal(asFault(fault), fault)
  assert.equal(asFault(new Error('wrapped', { cause: fault })), fault)
  assert.equal(asFault(AbortSignal.abort().reason).code, 'cancelled/interrupt')
  assert.equal(asFault(new TypeError('x is not a function')).code, 'internal/bug')
})
