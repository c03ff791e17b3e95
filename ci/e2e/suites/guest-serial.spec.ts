import { expect, feature } from '../../../fixtures/index.ts'

const test = feature('guest-serial')

test('a command in net-vm by the console of its host is exact', async ({ vm, serial, board }) => {
  expect(board.route).toBeNull()
  const guest = vm('net-vm')
  expect(guest.name).toBe('serial net-vm')
  expect((await guest.run(['uname', '-n'])).stdout).toBe('net-vm')
  expect((await serial.run(['uname', '-n'])).stdout).not.toBe('net-vm')
  const both = await guest.sh('echo out; echo err >&2; exit 255')
  expect([both.stdout, both.stderr, both.exitCode]).toEqual(['out', 'err', 255])
  expect((await guest.run(['cat'], { input: `it's\0` })).stdout).toBe(`it's\0`)
})

test('a command over its limit is stopped in the guest', async ({ vm }) => {
  const guest = vm('net-vm')
  await expect(guest.run(['sleep', '4321'], { limitMs: 2000 })).rejects.toThrow(
    /product\/command-timeout: expected sleep/,
  )
  await expect(guest).toRun(['sh', '-c', `! grep -ls 'sleep.432[1]' /proc/[0-9]*/cmdline`], { withinMs: 10_000 })
})

test('what was needed for it lies on the host without a password', async ({ serial }) => {
  const { stdout } = await serial.sh('ls /tmp/tmp.*')
  expect(stdout.split('\n').toSorted()).toEqual(['config', 'known', 'log', 'master'])
})

test('a guest that goes away is blamed on the product', async ({ vm, serial }) => {
  await serial.sh(
    'sudo -n systemctl stop microvm@net-vm.service || echo ghaf | sudo -S systemctl stop microvm@net-vm.service',
  )
  await expect(vm('net-vm').run(['true'])).rejects.toThrow(/product\/no-guest: expected net-vm/)
})
