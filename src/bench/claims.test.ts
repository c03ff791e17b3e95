import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Fault } from '../base/fault.ts'
import { Claims } from './claims.ts'
import type { Claimant } from './lock.ts'

const who = (user: string, pid: number): Claimant => ({ user, pid, command: 'hil console nuc-1', sinceMs: 0 })
const alice = who('alice', 1)
const bob = who('bob', 2)

function claims() {
  let changes = 0
  return { claims: new Claims('nuc-1', () => changes++), changes: () => changes }
}

test('one may write; the next is told who does', () => {
  const { claims: console } = claims()
  const claim = console.claim(alice)
  assert.throws(
    () => console.claim(bob),
    (error: Fault) => error.code === 'lease/console-claimed' && error.seen.includes('alice (pid 1: hil console nuc-1)'),
  )
  claim[Symbol.dispose]()
  assert.equal(console.present, undefined)
  assert.equal(console.claim(bob).claimant, bob)
})

test('who is robbed is told by whom and why, and can neither write nor free it any more', () => {
  const { claims: console, changes } = claims()
  const robbed = console.claim(alice)
  const claim = console.take(bob, 'the board is on fire')
  const fault = robbed.signal.reason as Fault
  assert.equal(fault.code, 'lease/console-taken')
  assert.match(fault.seen, /^bob \(pid 2: hil console nuc-1\) since .* took it: the board is on fire$/)
  assert.equal(changes(), 2)
  robbed[Symbol.dispose]()
  assert.equal(console.present, claim)
  assert.equal(changes(), 2, 'nothing changed')
  claim[Symbol.dispose]()
  assert.equal((claim.signal.reason as Fault).code, 'cancelled/interrupt', 'giving back is no theft')
})

test('taking what nobody holds is just claiming it', () => {
  const { claims: console } = claims()
  assert.equal(console.take(bob, 'to be sure').claimant, bob)
})
