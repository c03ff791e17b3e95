import { expect, feature } from '../../fixtures/index.ts'
import type { BoardShell } from '../../fixtures/index.ts'
import { expectHealthy, expectIdentity } from './image-checks.ts'

const test = feature('lenovo-x1-image')

test('the image boots on this architecture', async ({ shell }) => {
  await expect(shell).toRun(['uname', '-m'], { stdout: /^x86_64$/ })
  await expectIdentity(shell)
})

test('the laptop is an X1 Carbon Gen 11', async ({ shell }) => {
  await expect(shell).toRun(['cat', '/sys/class/dmi/id/product_version'], { stdout: /X1 Carbon Gen 11/ })
})

/** The disks below a device: LVM and encryption are named after what lies on them. */
async function disksBelow(shell: BoardShell, device: string): Promise<string[]> {
  const { stdout } = await shell.run(['lsblk', '-nsrpo', 'NAME,TYPE', device])
  return stdout.split('\n').flatMap(line => /^(\S+) disk$/.exec(line)?.[1] ?? [])
}

test('the system is on the disk that was flashed', async ({ shell, board }) => {
  const root = await shell.run(['findmnt', '-nvo', 'SOURCE', '/'])
  const inside = board.flash?.medium?.boots === 'inside' ? board.insideDevice : null
  const disks = await disksBelow(shell, root.stdout)
  expect(disks, `disks below ${root.stdout}`).toHaveLength(1)
  expect(disks[0]).toMatch(new RegExp(inside ?? board.rootDevice))
})

test('its boot partition is on the same disk', async ({ shell, board }) => {
  const boot = await shell.run(['findmnt', '-nvo', 'SOURCE', '/boot'])
  test.skip(boot.exitCode !== 0 && board.twin, 'a virtual board mounts no boot partition')
  const root = await shell.run(['findmnt', '-nvo', 'SOURCE', '/'])
  expect(await disksBelow(shell, boot.stdout), 'the disk below /boot').toEqual(await disksBelow(shell, root.stdout))
})

test('it starts a compartmentalized environment: guests beside its host', async ({ shell }) => {
  const listed = await shell.run(['ls', '/var/lib/microvms'])
  expect(listed.stdout.split(/\s+/), 'guests that the host knows').toContain('net-vm')
  // One that is down fails its own row; that none runs fails this one.
  const units = ['systemctl', 'list-units', 'microvm@*', '--no-legend', '--no-pager', '--plain']
  await expect(shell).toRun(units, { stdout: /\.service +loaded +active +running/, withinMs: 90_000 })
})

test('everything it starts is up', async ({ shell }) => {
  await expectHealthy(shell)
})
