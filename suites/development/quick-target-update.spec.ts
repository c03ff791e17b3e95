import { expect, feature } from '../../fixtures/index.ts'
import type { BoardShell } from '../../fixtures/index.ts'
import { generationsIn, rollbackFlaws, updateFlaws, type RunningSystem } from './generations.ts'

const test = feature('quick-target-update')

const PROFILE = '/nix/var/nix/profiles/system'

/** One round trip: each costs seconds on a slow board. */
async function running(shell: BoardShell): Promise<RunningSystem> {
  const asked = await shell.sh(
    `readlink -f /run/current-system && cat /proc/sys/kernel/random/boot_id && uname -n && nix-env -p ${PROFILE} --list-generations`,
  )
  expect(asked.exitCode, `generations of ${PROFILE}, and what runs: ${asked.stderr}`).toBe(0)
  const [path = '', bootId = '', hostname = '', ...listing] = asked.stdout.split('\n')
  return { path, bootId, hostname, ...generationsIn(listing.join('\n')) }
}

test('another system runs at once, as a new generation, without a reboot', async ({ shell, update }) => {
  const before = await running(shell)
  expect(before.current, 'the current generation').toBeDefined()
  expect(await update.switch(), 'what the update said').toBe('')
  try {
    const after = await running(shell)
    expect(updateFlaws(before, after), 'why this is no update').toEqual([])
    const version = await shell.run(['cat', `${after.path}/nixos-version`, `${before.path}/nixos-version`])
    const [now, then] = version.stdout.split('\n')
    expect(now, 'the version of the system that runs now').not.toBe(then)
  } finally {
    expect(await update.rollback(), 'what the way back said').toBe('')
  }
  expect(rollbackFlaws(before, await running(shell)), 'why it is not back').toEqual([])
})

test('a generation that there is not is not switched to', async ({ shell, update: _configured }) => {
  const before = await running(shell)
  // Root's profile: nobody else may, and nobody can.
  const refused = await shell.run(['nix-env', '-p', PROFILE, '--switch-generation', '99999'])
  expect(refused.exitCode, 'the exit code of nix-env').not.toBe(0)
  expect(rollbackFlaws(before, await running(shell)), 'what changed').toEqual([])
})
