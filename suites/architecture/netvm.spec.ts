import { expect, feature } from '../../fixtures/index.ts'
import { expectOwnMachine, expectUp } from '../guests.ts'

const test = feature('netvm')

test('its unit is active on the host', async ({ shell }) => {
  await expectUp(shell, 'net-vm')
})

test('it is a machine of its own behind the host', async ({ shell, vm }) => {
  // Its name is net-vm, or derived from the hardware on current images.
  await expectOwnMachine(shell, vm('net-vm'), /^(net-vm|ghaf-\d{10})$/)
})

test('host and guest reach each other on the internal network', async ({ shell, vm }) => {
  await expect(shell).toRun(['ping', '-c', '1', '-W', '5', '192.168.100.1'], { stdout: /1 received/ })
  await expect(vm('net-vm')).toRun(['ping', '-c', '1', '-W', '5', '192.168.100.2'], { stdout: /1 received/ })
})

test('the network card of the board is its own, not the host’s', async ({ shell, vm, board }) => {
  test.skip(board.route !== 'via net-vm', 'the network card of this board is wired to its host')
  const cards = ['sh', '-c', 'ls -d /sys/class/net/*/device']
  expect((await shell.run(cards)).stdout, 'network cards of the host').toBe('')
  expect((await vm('net-vm').run(cards)).stdout, 'network cards of net-vm').toMatch(/^\/sys\/class\/net\//)
})

test('Wi-Fi joins a network, and is off when switched off', async ({ vm, board }) => {
  const { HIL_WIFI_SSID: ssid, HIL_WIFI_PASSWORD: password } = process.env
  test.skip(!board.traits.includes('wifi'), 'no Wi-Fi card is declared for this board (traits: [wifi])')
  test.skip(!ssid || !password, 'no network to join: set HIL_WIFI_SSID and HIL_WIFI_PASSWORD')
  const guest = vm('net-vm')
  // Through standard input: a command line can be read by everybody on the board.
  const joined = await guest.sh(
    `read -r password && nmcli dev wifi connect ${JSON.stringify(ssid)} password "$password"`,
    {
      input: `${password}\n`,
      limitMs: 60_000,
    },
  )
  expect(joined.exitCode, joined.stderr).toBe(0)
  try {
    await expect(guest).toRun(['sh', '-c', 'ping -c 1 -W 5 -I "$(ls /sys/class/net | grep -m1 ^wl)" 8.8.8.8'], {
      withinMs: 20_000,
    })
    await expect(guest).toRun(['nmcli', 'radio', 'wifi', 'off'])
    await expect(guest).toRun(['sh', '-c', '! ip -4 -o addr | grep -q " wl"'], { withinMs: 10_000 })
  } finally {
    await guest.run(['nmcli', 'radio', 'wifi', 'on'])
  }
})
