import assert from 'node:assert/strict'
import { test } from 'node:test'
import { field, vmsIn } from './givc.ts'

const item = (name: string, status: string): string =>
  `{"name":"${name}","description":"","status":"${status}","trust_level":"Secure","vm_type":"Host","service_type":"VM","vm_name":null,"agent_name":null}`

test('VMs by either of their names, and whether they run', () => {
  const list = `[${item('microvm@net-vm.service', 'Running')},${item('gui-vm', 'PoweredOff')},${item('chromium@1.service', 'Running')}]`
  assert.deepEqual(
    [...vmsIn(list)],
    [
      ['net-vm', true],
      ['gui-vm', false],
    ],
  )
})

test('what is no list names no VM', () => {
  for (const text of ['', 'Error: transport error', '{}', '[null, 3]', '[{"name":7}]', '[{"name":"net-vm"'])
    assert.equal(vmsIn(text).size, 0)
})

test('a field of sysinfo', () => {
  assert.equal(field('Secure Boot: disabled\nGhaf Version:   26.05\r\n', 'Ghaf Version'), '26.05')
  assert.equal(field('', 'Ghaf Version'), undefined)
})
