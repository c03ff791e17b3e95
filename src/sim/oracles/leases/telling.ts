import type { Waiting } from '../../../model/lease/explain.ts'
import type { Book } from '../../../model/lease/words.ts'
import type { Complain } from './complaint.ts'

/** Each waiter is told a place that counts who is before it, and a reason that is true. */
export function mustTellTruly(book: Book, queue: readonly Waiting[], nowMs: number, complain: Complain): void {
  const wishes = new Map(book.queue.map(request => [request.id, request]))
  const named = queue.every(({ id }) => wishes.get(id)?.asks.every(({ board }) => board !== undefined))
  if (queue.length !== book.queue.length)
    complain('telling', `${queue.length} of ${book.queue.length} waiters are told`)
  for (const [index, { id, purpose, place, why, etaMs }] of queue.entries()) {
    const boards = boardsOf(wishes.get(id))
    const before = queue.slice(0, index).filter(other => boardsOf(wishes.get(other.id)).some(b => boards.includes(b)))
    if (named && place !== before.length + 1)
      complain('telling', `${purpose} is told place ${place}, and ${before.length} who want its boards are before it`)
    if (place < 1) complain('telling', `${purpose} is told place ${place}`)
    if (etaMs !== null && etaMs < nowMs) complain('telling', `${purpose} is told to expect its boards in the past`)
    if (why === '') complain('telling', `${purpose} is told no reason`)
    for (const [, board = '', user = ''] of why.matchAll(/(?:^|; )([\w-]+) is held by (\w+) \(/g)) {
      const holder = book.held.find(({ grants }) => grants.some(grant => grant.board === board))
      if (holder?.user !== user) complain('telling', `${purpose} is told that ${user} has ${board}, which is not so`)
    }
  }
}

function boardsOf(request: Book['queue'][number] | undefined): string[] {
  return request?.asks.flatMap(({ board }) => board ?? []) ?? []
}
