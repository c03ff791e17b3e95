import { expect, feature } from '../../fixtures/index.ts'
import { expectOwnMachine, expectUp } from '../guests.ts'

const test = feature('guivm')

test('its unit is active on the host', async ({ shell }) => {
  await expectUp(shell, 'gui-vm')
})

test('it is a machine of its own behind the host', async ({ shell, vm }) => {
  await expectOwnMachine(shell, vm('gui-vm'), 'gui-vm')
})

test('host and guest know each other by name', async ({ shell, vm }) => {
  await expect(vm('gui-vm')).toRun(['getent', 'hosts', 'ghaf-host'], { stdout: /^\S+\s+ghaf-host/ })
  await expect(shell).toRun(['nc', '-zvw3', 'gui-vm', '22'])
})

test('somebody may log in on its screen', async ({ vm, board }) => {
  test.skip(board.twin, 'a virtual board has no seat to log in on')
  await expect(vm('gui-vm')).toRun(['loginctl', 'list-sessions', '--no-legend', '--no-pager'], {
    stdout: /\bseat0\b/,
    withinMs: 30_000,
  })
})

test('the graphics card is its own', async ({ shell, vm, board }) => {
  test.skip(board.twin, 'a virtual board has no graphics card to pass through')
  const cards = await vm('gui-vm').run(['lspci', '-nn'])
  expect(cards.stdout, 'lspci in gui-vm').toMatch(/VGA compatible controller|Display controller|3D controller/)
  // The host's own driver may be loaded (its initrd does that): what counts is who drives the card.
  const address = '0000:00:02.0'
  await expect(shell).toRun(['readlink', `/sys/bus/pci/devices/${address}/driver`], { stdout: /\/vfio-pci$/ })
})
