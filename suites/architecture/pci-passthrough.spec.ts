import { expect, feature } from '../../fixtures/index.ts'
import type { BoardShell } from '../../fixtures/index.ts'
import { runningGuests } from '../guests.ts'
import { addressesIn, devicesIn, passthroughComplaints } from './passthrough.ts'

const test = feature('pci-passthrough')

test.beforeEach(({ board }) => {
  test.skip(board.twin, 'the guests of a virtual board are containers: no device is passed to them')
})

test('what net-vm was given is driven by vfio on the host, and is there inside', async ({ shell, vm }) => {
  const addresses = await givenTo(shell, 'net-vm')
  expect(addresses, 'devices given to net-vm').not.toEqual([])
  expect(await complaints(shell, vm('net-vm'), addresses)).toEqual([])
})

test('so is what every other VM was given, and nothing was given twice', async ({ shell, vm }) => {
  const owners = new Map<string, string[]>()
  for (const guest of await runningGuests(shell)) {
    const addresses = await givenTo(shell, guest)
    for (const address of addresses) owners.set(address, [...(owners.get(address) ?? []), guest])
    if (addresses.length > 0) expect(await complaints(shell, vm(guest), addresses), guest).toEqual([])
  }
  expect(
    [...owners].filter(([, guests]) => guests.length > 1),
    'devices with two owners',
  ).toEqual([])
})

async function givenTo(shell: BoardShell, guest: string): Promise<string[]> {
  const list = await shell.run(['cat', `/var/lib/microvms/${guest}/booted/share/microvm/pci-devices`])
  return addressesIn(list.stdout)
}

async function complaints(shell: BoardShell, guest: BoardShell, addresses: readonly string[]): Promise<string[]> {
  const ask =
    'for a; do cd "/sys/bus/pci/devices/$a" && echo "$a $(cat vendor device | tr "\\n" " ") $(readlink driver)"; done'
  const seen = devicesIn((await shell.run(['sh', '-c', ask, 'sh', ...addresses])).stdout)
  const missing = addresses.filter(address => !seen.some(device => device.address === address))
  const inside = await guest.run(['lspci', '-n'])
  return [
    ...missing.map(address => `${address} is no device of this host`),
    ...passthroughComplaints(seen, inside.stdout),
  ]
}
