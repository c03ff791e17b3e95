import assert from 'node:assert/strict'
import { test } from 'node:test'
import { slotComplaints, slotsOf } from './slots.ts'

const GOOD = `Slot groups:
- slot: used
  version: 25.12.1 (hash=deadbeefdeadbeef)
  legacy: false
  active: true
  root: pool/root_25.12.1_deadbeefdeadbeef (50.0G)
  verity: pool/verity_25.12.1_deadbeefdeadbeef (6.0G)
  boot: ghaf-25.12.1-deadbeefdeadbeef.efi

- slot: empty
  id: 0
  legacy: false
  active: false
  root: pool/root_empty_0 (50.0G)
  verity: pool/verity_empty_0 (6.0G)
  boot: <none>

Unrecognized volumes:
- pool/persist (829.4G)
`

test('a slot that runs and one that is free', () => {
  assert.deepEqual(slotsOf(GOOD), [
    { used: true, active: true, version: '25.12.1 (hash=deadbeefdeadbeef)' },
    { used: false, active: false, version: undefined },
  ])
  assert.deepEqual(slotComplaints(slotsOf(GOOD)), [])
})

test('no slot, none active, two active, an active one that is empty', () => {
  assert.equal(slotComplaints(slotsOf('')).length, 2)
  assert.deepEqual(slotComplaints(slotsOf(GOOD.replace('active: true', 'active: false'))), [
    '0 slots are active, not one',
  ])
  assert.deepEqual(slotComplaints(slotsOf(GOOD.replace('active: false', 'active: true'))), [
    '2 slots are active, not one',
    'the active slot is empty',
    'the active slot has no version',
  ])
})
