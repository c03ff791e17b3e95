import { expect } from '../../fixtures/index.ts'
import type { BoardShell } from '../../fixtures/index.ts'

/** How long services may take to settle after SSH answers; the real boards were seen to need a minute. */
const SETTLE_MS = 90_000

/** Guests have rows of their own on the status page: one that is down fails that row, not the image's as well. */
const GUEST = /^microvm@/

/** Everything the image starts is up, and nothing it starts has failed; its guests aside. */
export async function expectHealthy(shell: BoardShell): Promise<void> {
  const state = await settled(shell)
  const failed = await shell.run(['systemctl', 'list-units', '--state=failed', '--no-legend', '--no-pager', '--plain'])
  const units = failed.stdout.split('\n').filter(line => line !== '')
  expect(units.filter(line => !GUEST.test(line)).join('\n'), 'failed units').toBe('')
  expect(state, 'systemctl is-system-running').toBe(units.length > 0 ? 'degraded' : 'running')
}

/** The image says who it is, in the form of its releases. */
export async function expectIdentity(shell: BoardShell): Promise<void> {
  await expect(shell).toRun(['nixos-version'], { stdout: /^\d\d\.\d\d\.\d{8}\.[0-9a-f]{7,}( \(\w+\))?$/ })
}

async function settled(shell: BoardShell): Promise<string> {
  let state = ''
  await expect
    .poll(async () => (state = (await shell.run(['systemctl', 'is-system-running'])).stdout), {
      message: 'the boot to settle',
      timeout: SETTLE_MS,
      intervals: [1000],
    })
    .not.toMatch(/^(initializing|starting)$/)
  return state
}
