import type { Board } from '../bench/load.ts'
import type { LeaseDesk } from './leases/desk.ts'
import { lastEpoch } from './numbers-file.ts'
import type { Unattended } from './unattended.ts'

/** How long whoever was given boards, and was not told yet, may take to notice that its agent is there again. */
const GRACE_MS = 3000

/**
 * What an agent makes of leases and wishes that it finds when it begins. What people hold goes on. A run whose board was open
 * saw its agent go, and works on it no more: its lease ends now, since the board may have power meanwhile. Errors: those of the desk.
 */
export async function takeUpLeases(
  desk: LeaseDesk,
  unattended: Unattended,
  boards: ReadonlyMap<string, Board>,
): Promise<void> {
  for (const { id, tied, grants } of desk.book.held) {
    if (!tied) continue
    const wasOpen = grants.some(({ board, epoch }) => {
      const stateDir = boards.get(board)?.stateDir
      return stateDir !== undefined && lastEpoch(stateDir) === epoch
    })
    if (wasOpen) await desk.release(id, 'the agent, which was killed')
    else await desk.renew(id, GRACE_MS)
  }
  for (const { id } of desk.book.queue) unattended.left(id)
}
