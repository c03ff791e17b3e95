import { expect, feature } from '../../fixtures/index.ts'
import { asRoot } from '../as-root.ts'
import { platformComplaints } from './passthrough.ts'

const test = feature('uart-passthrough')

/** UARTI of the AGX, whose pins lead to the second port of its debug adapter. Source: Ghaf documentation, UART passthrough. */
const DEVICE = '31d0000.serial'

test.beforeEach(({ board }) => {
  test.skip(board.twin, 'a virtual Orin has no second UART, and its guests are containers')
  test.skip(
    !board.traits.includes('uart-passthrough'),
    'only images built with it have it (traits: [uart-passthrough])',
  )
})

test('the host has given the port away', async ({ shell }) => {
  await expect(shell).toRun(['systemctl', 'is-active', 'bindSerial31d0000.service'], { stdout: /^active$/ })
  const driver = await shell.run(['readlink', `/sys/bus/platform/devices/${DEVICE}/driver`])
  const dmesg = await asRoot(shell, ['dmesg'])
  expect(platformComplaints(DEVICE, driver.stdout, dmesg.stdout)).toEqual([])
})

test('net-vm has it as a terminal, and offers a login there', async ({ vm }) => {
  await expect(vm('net-vm')).toRun(['test', '-c', '/dev/ttyAMA0'])
  await expect(vm('net-vm')).toRun(['systemctl', 'is-active', 'serial-getty@ttyAMA0.service'], { stdout: /^active$/ })
})
