import { expect, feature } from '../../fixtures/index.ts'
import { appVmsOf, expectUp, guestsOf } from '../guests.ts'

const test = feature('idsvm')

/** An address outside, to see which way packets to it would go. */
const OUTSIDE = '8.8.8.8'

test('the image has it, and its unit is active', async ({ shell }) => {
  expect(await guestsOf(shell)).toContain('ids-vm')
  await expectUp(shell, 'ids-vm')
})

test('what applications send out goes through it', async ({ shell, vm }) => {
  const address = (await shell.run(['getent', 'hosts', 'ids-vm'])).stdout.split(/\s/)[0]
  const [guest] = await appVmsOf(shell)
  test.skip(guest === undefined, 'this image has no application VM')
  await expect(vm(guest!)).toRun(['ip', 'route', 'get', OUTSIDE], { stdout: new RegExp(`via ${address}\\s`) })
  const forwarded = async (): Promise<number> => {
    const { stdout } = await vm('ids-vm').sh(`awk '/^Ip: [0-9]/ { print $7 }' /proc/net/snmp`)
    expect(stdout, 'packets that ids-vm passed on').toMatch(/^\d+$/)
    return Number(stdout)
  }
  const before = await forwarded()
  // Whether anybody answers outside is not asked here.
  await vm(guest!).run(['ping', '-c', '2', '-i', '1', '-W', '1', OUTSIDE])
  expect(await forwarded(), 'packets that ids-vm passed on').toBeGreaterThanOrEqual(before + 2)
})

test('it has something to look for intruders with', async ({ vm, board }) => {
  test.skip(board.twin, 'the ids-vm of a virtual board only passes packets on')
  await expect(vm('ids-vm')).toRun(['sh', '-c', 'command -v snort'])
})
