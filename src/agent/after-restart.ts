import { asFault } from '../base/fault.ts'
import type { Grant } from '../model/lease/words.ts'
import type { KnownBoards } from './known-boards.ts'
import type { LeaseDesk } from './leases/desk.ts'
import { wasOpened } from './numbers-file.ts'
import type { Unattended } from './unattended.ts'

/** How long whoever was given boards, and has not opened them, may take to notice that its agent is there again. */
const GRACE_MS = 3000

/**
 * What an agent makes of leases and wishes that it finds when it begins. What people hold goes on. A run whose board was open
 * saw its agent go, and works on it no more: its lease ends now, since the board may have power meanwhile. Errors: those of the
 * desk, but for a lease whose time was over just then.
 */
export async function takeUpLeases(desk: LeaseDesk, unattended: Unattended, boards: KnownBoards): Promise<void> {
  const wasOpen = ({ board, epoch }: Grant): boolean => {
    const stateDir = boards.get(board)?.stateDir
    return stateDir !== undefined && wasOpened(stateDir, epoch)
  }
  for (const { id, tied, grants } of desk.book.held) {
    if (!tied) continue
    const taken = grants.some(wasOpen) ? desk.release(id, 'the agent, which began anew') : desk.renew(id, GRACE_MS)
    await taken.catch((error: unknown) => {
      if (asFault(error).code !== 'lease/stale') throw error
    })
  }
  for (const { id } of desk.book.queue) unattended.left(id)
}
