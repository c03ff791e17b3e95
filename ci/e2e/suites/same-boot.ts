import { expect } from '../../../fixtures/index.ts'
import type { BoardShell } from '../../../fixtures/index.ts'

/** The machine behind a shell is still the one that was booted for this run. */
export async function expectSameBoot(shell: BoardShell, board: { bootId: string | null }): Promise<void> {
  const { stdout } = await shell.run(['cat', '/proc/sys/kernel/random/boot_id'])
  expect(stdout, 'boot id').toBe(board.bootId)
}
