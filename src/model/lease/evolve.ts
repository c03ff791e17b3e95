import type { BoardFacts, Book, BookBoard, Ending, Grant, Held, LeaseEvent, Usage } from './words.ts'

/** How many leases a board remembers: for estimates, and for telling a stale holder what ended theirs. */
const PAST_LIMIT = 20
/** Of how many users it is known how much they had. */
const USERS_LIMIT = 1000

/** A book after something happened. The only place where one changes, so that what was kept can be replayed. */
export function evolve(book: Book, event: LeaseEvent, halfLifeMs: number): Book {
  switch (event.type) {
    case 'queued':
      return { ...book, queue: [...book.queue, event.request] }
    case 'left':
      return { ...book, queue: without(book.queue, event.id) }
    case 'granted':
      return granted(book, event.id, event.grants, event.atMs)
    case 'renewed':
      return change(book, event.id, ({ purpose, ...held }) => ({
        ...held,
        purpose: event.purpose ?? purpose,
        untilMs: event.untilMs,
      }))
    case 'noticed':
      return change(book, event.id, held => ({ ...held, notice: event.notice }))
    case 'unnoticed':
      return change(book, event.id, withoutNotice)
    case 'ended':
      return ended(book, event, halfLifeMs)
    case 'handed': {
      const { id, to: user, atMs: sinceMs, grants } = event
      const before = heldIn(book, id)!
      const charged = charge(remember(book, before, sinceMs, 'handed', event.by), before, sinceMs, halfLifeMs)
      return numbered(
        change(charged, id, held => ({ ...withoutNotice(held), user, sinceMs, grants })),
        grants,
      )
    }
    case 'bench':
      return { ...book, boards: boardsOf(book, event.boards) }
    case 'withheld': {
      const board = book.boards[event.board]
      return board ? { ...book, boards: { ...book.boards, [board.name]: { ...board, withheld: event.why } } } : book
    }
  }
}

/** The lease of an id, while it is in force. */
export function heldIn(book: Book, id: string): Held | undefined {
  return book.held.find(held => held.id === id)
}

/** The lease that has a board. */
export function holderOf(book: Book, board: string): Held | undefined {
  return book.held.find(({ grants }) => grants.some(grant => grant.board === board))
}

/** How much of the boards each user had up to a moment, leases in force included; whoever had nothing is not in it. */
export function usedMs(book: Book, nowMs: number, halfLifeMs: number): Map<string, number> {
  const used = new Map<string, number>()
  for (const usage of book.usage) used.set(usage.user, decayed(usage, nowMs, halfLifeMs))
  for (const { user, grants, sinceMs } of book.held)
    used.set(user, (used.get(user) ?? 0) + grants.length * (nowMs - sinceMs))
  return used
}

function granted(book: Book, id: string, grants: readonly Grant[], atMs: number): Book {
  const request = book.queue.find(waiter => waiter.id === id)!
  const held: Held = { ...request, grants, sinceMs: atMs, untilMs: atMs + request.forMs }
  return numbered({ ...book, queue: without(book.queue, id), held: [...book.held, held] }, grants)
}

function ended(book: Book, event: Extract<LeaseEvent, { type: 'ended' }>, halfLifeMs: number): Book {
  const held = heldIn(book, event.id)!
  const charged = charge(remember(book, held, event.atMs, event.how, event.by), held, event.atMs, halfLifeMs)
  return { ...charged, held: without(book.held, event.id) }
}

function change(book: Book, id: string, how: (held: Held) => Held): Book {
  return { ...book, held: book.held.map(held => (held.id === id ? how(held) : held)) }
}

function withoutNotice(held: Held): Held {
  const { notice: _, ...rest } = held
  return rest
}

function without<T extends { readonly id: string }>(all: readonly T[], id: string): readonly T[] {
  return all.filter(one => one.id !== id)
}

function numbered(book: Book, grants: readonly Grant[]): Book {
  const boards = { ...book.boards }
  for (const { board, epoch } of grants) boards[board] = { ...boards[board]!, epoch }
  return { ...book, boards }
}

function remember(book: Book, held: Held, endMs: number, how: Ending, by: string | undefined): Book {
  const boards = { ...book.boards }
  const { user, sinceMs } = held
  for (const { board: name, epoch } of held.grants) {
    const board = boards[name]!
    const past = { epoch, user, sinceMs, endMs, how, ...(by !== undefined && { by }) }
    boards[name] = { ...board, past: [...board.past.slice(1 - PAST_LIMIT), past] }
  }
  return { ...book, boards }
}

function charge(book: Book, held: Held, atMs: number, halfLifeMs: number): Book {
  const { user, grants, sinceMs } = held
  const index = book.usage.findIndex(usage => usage.user === user)
  const before = index < 0 ? 0 : decayed(book.usage[index]!, atMs, halfLifeMs)
  const charged = { user, boardMs: before + grants.length * (atMs - sinceMs), atMs }
  const usage = index < 0 ? [...book.usage, charged] : book.usage.with(index, charged)
  return { ...book, usage: usage.length > USERS_LIMIT ? heaviest(usage, atMs, halfLifeMs) : usage }
}

/** The half of the users that had most: the others may come back as if they had had nothing. */
function heaviest(usage: Book['usage'], atMs: number, halfLifeMs: number): Book['usage'] {
  const weight = (one: Usage): number => decayed(one, atMs, halfLifeMs)
  return usage.toSorted((a, b) => weight(b) - weight(a)).slice(0, USERS_LIMIT / 2)
}

function decayed({ boardMs, atMs }: Usage, nowMs: number, halfLifeMs: number): number {
  return boardMs * 2 ** ((atMs - nowMs) / halfLifeMs)
}

/** A book whose next leases have numbers that are greater by so much. Leases in force keep theirs. */
export function numberedBehind(book: Book, count: number): Book {
  const boards = Object.values(book.boards).map(
    board => [board.name, { ...board, epoch: board.epoch + count }] as const,
  )
  return { ...book, boards: Object.fromEntries(boards) }
}

/** Boards in use stay in the book whatever the file says; what is new of them counts from their next lease on. */
function boardsOf(book: Book, facts: readonly BoardFacts[]): Record<string, BookBoard> {
  const boards: Record<string, BookBoard> = {}
  for (const fact of facts) {
    const { withheld = null, epoch = 0, past = [] } = book.boards[fact.name] ?? {}
    boards[fact.name] = {
      ...fact,
      withheld: withheld === NOT_WIRED ? null : withheld,
      epoch: Math.max(epoch, fact.epoch ?? 0),
      past,
    }
  }
  // Its numbers must never begin again, even where it comes back to the file next year.
  for (const board of Object.values(book.boards)) boards[board.name] ??= { ...board, withheld: NOT_WIRED }
  return boards
}

/** Why a board is withheld that the bench file no longer has. */
export const NOT_WIRED = 'it is no longer in the bench file'
