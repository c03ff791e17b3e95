import { join } from 'node:path'
import type { Clock } from '../../base/time.ts'
import { bookNowMs } from './book-time.ts'
import { readBook } from './read-book.ts'

/** The name of a bench's lease book, in the folder that its boards' state folders are in. */
export const BOOK_NAME = 'leases.jsonl'

/** What somebody holds; times as the clock on the wall shows them. */
export interface KeptHold {
  readonly user: string
  readonly purpose: string
  readonly sinceMs: number
  readonly untilMs: number
}

/**
 * What people hold by the book of an agent that is not running, by board: what it said of them counts until it is there again.
 * Errors: `configuration/lease-book`, a book that cannot be read.
 */
export function keptHolds(benchDir: string, clock: Clock): ReadonlyMap<string, KeptHold> {
  const path = join(benchDir, BOOK_NAME)
  const holds = new Map<string, KeptHold>()
  const nowMs = bookNowMs(`${path}.time`, clock)
  const wallMs = (ms: number): number => ms - nowMs + clock.nowMs()
  for (const { user, purpose, tied, grants, sinceMs, untilMs } of readBook(path).held) {
    if (tied || untilMs <= nowMs) continue
    const hold = { user, purpose, sinceMs: wallMs(sinceMs), untilMs: wallMs(untilMs) }
    for (const { board } of grants) holds.set(board, hold)
  }
  return holds
}
