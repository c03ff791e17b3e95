import assert from 'node:assert/strict'
import { test } from 'node:test'
import { unitStatesOf } from './units.ts'

const TWO = `Id=microvm@net-vm.service
ActiveState=active
SubState=running
ActiveEnterTimestampMonotonic=22509585

Id=microvm@gui-vm.service
ActiveState=failed
SubState=failed
ActiveEnterTimestampMonotonic=0
`

test('every unit has its state, whatever the line ends are', () => {
  for (const text of [TWO, TWO.replaceAll('\n', '\r\n')])
    assert.deepEqual(
      [...unitStatesOf(text)],
      [
        ['microvm@net-vm.service', { active: 'active', sub: 'running', activeSinceUs: 22_509_585 }],
        ['microvm@gui-vm.service', { active: 'failed', sub: 'failed', activeSinceUs: 0 }],
      ],
    )
})

test('no units: nothing', () => {
  assert.equal(unitStatesOf('').size, 0)
  assert.equal(unitStatesOf('Failed to connect to bus: No such file or directory').size, 0)
})
