import { expect, feature } from '../../fixtures/index.ts'
import { appVmsOf, expectOwnMachine, expectUp } from '../guests.ts'

const test = feature('appvm')

test('the image has application VMs, and every one is up', async ({ shell }) => {
  const guests = await appVmsOf(shell)
  expect(guests, 'application VMs in /var/lib/microvms').not.toEqual([])
  for (const guest of guests) await expectUp(shell, guest)
})

test('each is a machine of its own', async ({ shell, vm }) => {
  for (const guest of await appVmsOf(shell)) await expectOwnMachine(shell, vm(guest), guest)
})

test('none of them sees the processes of another', async ({ shell, vm }) => {
  const guests = await appVmsOf(shell)
  test.skip(guests.length < 2, 'there is one application VM only')
  const [one, other] = [vm(guests[0]!), vm(guests[1]!)]
  // Its name is its mark: nobody else has it.
  const mark = `${Math.trunc(performance.now()) + 86_400}`
  await one.sh(`setsid sleep ${mark} > /dev/null 2>&1 < /dev/null &`)
  try {
    await expect(one).toRun(['pgrep', '-f', `[s]leep ${mark}`])
    await expect(other).toRun(['pgrep', '-f', `[s]leep ${mark}`], { exitCode: 1 })
  } finally {
    await one.run(['pkill', '-f', `[s]leep ${mark}`])
  }
})
