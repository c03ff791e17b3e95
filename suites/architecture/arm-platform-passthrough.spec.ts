import { expect, feature } from '../../fixtures/index.ts'
import { asRoot } from '../as-root.ts'
import { expectUp, guestsOf } from '../guests.ts'
import { platformComplaints } from './passthrough.ts'

const test = feature('arm-platform-passthrough')

/** UARTA, the device that BPMP virtualization is tried with. Source: tiiuae/ghaf, modules/reference/hardware/jetpack. */
const DEVICE = '3100000.serial'
const BINDERS = { 'gpu-vm': 'bindGpuVm.service', 'disp-vm': 'bindDispVm.service' }

test.beforeEach(({ board }) => {
  test.skip(board.twin, 'a virtual Orin has no BPMP, and none of the devices behind it')
})

test('the BPMP of the host serves guests', async ({ shell }) => {
  await expect(shell).toRun(['test', '-e', '/dev/bpmp-host'])
})

test('a device was given away without an error', async ({ shell }) => {
  const driver = await shell.run(['readlink', `/sys/bus/platform/devices/${DEVICE}/driver`])
  const dmesg = await asRoot(shell, ['dmesg'])
  expect(platformComplaints(DEVICE, driver.stdout, dmesg.stdout)).toEqual([])
})

test('the VMs that own devices of the SoC run', async ({ shell }) => {
  const guests = await guestsOf(shell)
  const owners = Object.entries(BINDERS).filter(([guest]) => guests.includes(guest))
  test.skip(owners.length === 0, 'this image has neither gpu-vm nor disp-vm')
  for (const [guest, binder] of owners) {
    await expect(shell).toRun(['systemctl', 'is-active', binder], { stdout: /^active$/ })
    await expectUp(shell, guest)
  }
})
