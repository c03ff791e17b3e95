import { expect, feature } from '../../fixtures/index.ts'
import { asRoot } from '../as-root.ts'
import { vmsIn } from '../givc.ts'
import { expectOwnMachine, expectUp } from '../guests.ts'

const test = feature('adminvm')

/** From the host's log to admin-vm's. */
const ARRIVES_MS = 60_000

test('its unit is active on the host', async ({ shell }) => {
  await expectUp(shell, 'admin-vm')
})

test('it is a machine of its own behind the host', async ({ shell, vm }) => {
  await expectOwnMachine(shell, vm('admin-vm'), 'admin-vm')
})

test('the services that collect and ship logs are active', async ({ vm }) => {
  const services = ['systemd-journal-remote.service', 'alloy.service', 'stunnel.service']
  await expect(vm('admin-vm')).toRun(['systemctl', 'is-active', ...services], {
    stdout: /^active\nactive\nactive$/,
    withinMs: 15_000,
  })
})

test('what the host logs arrives in it', async ({ shell, vm }) => {
  const word = `hil-${Math.trunc(performance.now())}-${Math.trunc(Math.random() * 1e9)}`
  await expect(shell).toRun(['systemd-cat', '-t', 'hil', 'echo', word])
  const journal = ['journalctl', '-D', '/var/log/journal/remote', '-t', 'hil', '--no-pager', '-q', '-o', 'cat']
  await expect
    .poll(async () => (await asRoot(vm('admin-vm'), journal)).stdout, {
      message: 'the line in the journal of admin-vm',
      timeout: ARRIVES_MS,
      intervals: [1000],
    })
    .toContain(word)
})

test('it answers for the VMs of the board', async ({ vm }) => {
  const list = await vm('admin-vm').run(['givc-cli', 'query-list', '--as-json'])
  expect(list.exitCode, list.stderr).toBe(0)
  expect([...vmsIn(list.stdout).keys()], `VMs in ${list.stdout}`).toContain('admin-vm')
})
