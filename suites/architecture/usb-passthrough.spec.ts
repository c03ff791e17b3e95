import { expect, feature } from '../../fixtures/index.ts'
import { runningGuests } from '../guests.ts'

const test = feature('usb-passthrough')

/** The stick that is plugged into this board: `vendor:product` as `lsusb` prints it. */
const STICK = process.env.HIL_USB_STICK
/** The VM it must come to. */
const OWNER = process.env.HIL_USB_OWNER ?? 'gui-vm'

test.beforeEach(({ board }) => {
  test.skip(board.twin, 'the guests of a virtual board are containers: no device is passed to them')
})

test('the service that hands devices to VMs is active', async ({ shell }) => {
  await expect(shell).toRun(['systemctl', 'is-active', 'vhotplug.service'], { stdout: /^active$/, withinMs: 15_000 })
})

test('a stick is in the VM it belongs to and in no other', async ({ shell, vm }) => {
  test.skip(STICK === undefined, 'no stick is known on this board: set HIL_USB_STICK to its vendor:product')
  await expect(vm(OWNER)).toRun(['lsusb', '-d', STICK!], { withinMs: 10_000 })
  for (const guest of await runningGuests(shell))
    if (guest !== OWNER) await expect(vm(guest)).toRun(['lsusb', '-d', STICK!], { exitCode: 1 })
})
