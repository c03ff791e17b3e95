import { expect, feature } from '../../fixtures/index.ts'
import type { BoardShell } from '../../fixtures/index.ts'
import { asRoot } from '../as-root.ts'
import { appVmsOf, expectUp, guestsOf, runningGuests, startGuest, statesOf, stopGuest } from '../guests.ts'
import { field, vmsIn } from '../givc.ts'

const test = feature('virtualization-control')

test('it knows every VM, and which of them run', async ({ shell, vm }) => {
  const running = await runningGuests(shell)
  const list = await vm('admin-vm').run(['givc-cli', 'query-list', '--as-json'])
  expect(list.exitCode, list.stderr).toBe(0)
  const known = vmsIn(list.stdout)
  const wrong = (await guestsOf(shell)).filter(guest => known.get(guest) !== running.includes(guest))
  expect(wrong, `VMs of whom it says something else, of ${list.stdout}`).toEqual([])
})

test('it tells which Ghaf this is', async ({ shell, vm }) => {
  const sysinfo = await vm('admin-vm').run(['givc-cli', 'sysinfo'])
  expect(field(sysinfo.stdout, 'Ghaf Version')).toBe((await shell.run(['ghaf-version'])).stdout)
})

test('a VM that is stopped takes no other with it, and is started again on demand', async ({ shell, vm }) => {
  const victim = await victimOf(shell)
  test.skip(victim === undefined, 'this image has no VM that the tests can do without')
  const others = (await runningGuests(shell)).filter(guest => guest !== victim)
  const before = await statesOf(shell, others)
  await stopGuest(shell, vm(victim!), victim!)
  try {
    expect(await statesOf(shell, others), 'the other VMs').toEqual(before)
    const started = await vm('admin-vm').run(['givc-cli', 'start', 'vm', victim!], { limitMs: 60_000 })
    expect(started.exitCode, started.stderr).toBe(0)
    await expectUp(shell, victim!)
    expect((await vm(victim!).run(['uname', '-n'])).stdout).toBe(victim)
  } finally {
    await startGuest(shell, victim!)
  }
})

test('what was written in a VM is gone once it is started anew', async ({ shell, vm }) => {
  const victim = await victimOf(shell)
  test.skip(victim === undefined, 'this image has no VM that the tests can do without')
  const mark = '/var/tmp/hil-was-here'
  await asRoot(vm(victim!), ['touch', mark])
  await expect(vm(victim!)).toRun(['test', '-e', mark])
  try {
    await stopGuest(shell, vm(victim!), victim!)
  } finally {
    await startGuest(shell, victim!)
  }
  await expect(vm(victim!)).toRun(['test', '-e', mark], { exitCode: 1 })
})

/** An application's VM, if there is one: without net-vm and admin-vm nobody could start anything. */
async function victimOf(shell: BoardShell): Promise<string | undefined> {
  const running = await runningGuests(shell)
  return (await appVmsOf(shell)).findLast(guest => running.includes(guest))
}
