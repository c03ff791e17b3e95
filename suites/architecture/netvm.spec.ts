import { expect, feature } from '../../fixtures/index.ts'

const test = feature('netvm')

/** From the host's boot to the guest's; the real ones start beside the host's own services. */
const START_MS = 60_000

test('its unit is active on the host', async ({ shell }) => {
  const unit = ['systemctl', 'show', 'microvm@net-vm.service', '--property=ActiveState,SubState', '--no-pager']
  await expect(shell).toRun(unit, { stdout: /ActiveState=(?:active|failed)/, withinMs: START_MS })
  await expect(shell).toRun(unit, { stdout: /ActiveState=active[^]*SubState=running/ })
})

test('it is a machine of its own behind the host', async ({ shell, vm }) => {
  const inside = await vm('net-vm').run(['uname', '-n'])
  expect(inside.exitCode).toBe(0)
  // Its name is net-vm, or derived from the hardware on current images.
  expect(inside.stdout).toMatch(/^(net-vm|ghaf-\d{10})$/)
  const host = await shell.run(['uname', '-n'])
  expect(host.stdout).not.toBe(inside.stdout)
})

test('host and guest reach each other on the internal network', async ({ shell, vm }) => {
  await expect(shell).toRun(['ping', '-c', '1', '-W', '5', '192.168.100.1'], { stdout: /1 received/ })
  await expect(vm('net-vm')).toRun(['ping', '-c', '1', '-W', '5', '192.168.100.2'], { stdout: /1 received/ })
})
