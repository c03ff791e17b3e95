import { assign, isGivenTo } from './assign.ts'
import { usedMs } from './evolve.ts'
import { QUARANTINED, type Book, type BookBoard, type Held, type Request, type Rules } from './words.ts'

/** A waiter, the boards it gets next, and whether it can have them now. */
export interface Turn {
  readonly request: Request
  /** Free ones, or those it will have once they are; empty: none of the bench can serve it now. */
  readonly boards: readonly BookBoard[]
  readonly isFree: boolean
}

/**
 * The waiters in the order they are served: by priority, which grows with the time waited; then by how little of the
 * boards their user had lately; then first come, first served.
 */
export function inOrder(book: Book, nowMs: number, rules: Rules): readonly Request[] {
  if (book.queue.length < 2) return book.queue
  const all = usedMs(book, nowMs, rules.halfLifeMs)
  const used = (user: string): number => Math.floor((all.get(user) ?? 0) / rules.fairStepMs)
  const level = ({ priority, askedMs }: Request): number =>
    priority + Math.max(0, Math.floor((nowMs - askedMs) / rules.ageStepMs))
  // The sort is stable, and the queue is in the order of asking.
  return [...book.queue].sort((a, b) => level(b) - level(a) || used(a.user) - used(b.user))
}

/**
 * Who gets which boards next. A waiter keeps its boards from all behind it, also while some of them are still in use:
 * whoever wants several would otherwise wait for ever while others take one each. Since nobody holds a part of what they want
 * while they wait, nobody can wait in a circle.
 *
 * `all`: also turns for those who come after the last free board; without, only as far as boards are left to be given.
 */
export function turns(book: Book, nowMs: number, rules: Rules, { all = false } = {}): Turn[] {
  const holders = holdersByBoard(book)
  let left = Object.values(book.boards).filter(({ withheld }) => withheld === null || withheld.startsWith(QUARANTINED))
  let free = left.filter(({ name }) => !holders.has(name)).length
  const found: Turn[] = []
  if (free === 0 && !all) return found
  const { unsoundness } = rules
  if (unsoundness) left.sort((a, b) => unsoundness(a.name) - unsoundness(b.name))
  for (const request of inOrder(book, nowMs, rules)) {
    if (free === 0 && !all) break
    const fit = left.filter(board => isGivenTo(board, request))
    const boards = assign(request.asks, soonestFirst(fit, holders, request)) ?? []
    left = left.filter(board => !boards.includes(board))
    free -= boards.filter(({ name }) => !holders.has(name)).length
    found.push({ request, boards, isFree: boards.length > 0 && boards.every(({ name }) => !holders.has(name)) })
  }
  return found
}

/** Whether a waiter may end a lease. */
export function mayPreempt(request: Request, held: Held): boolean {
  return request.preempts && held.yields && held.priority < request.priority
}

export function holdersByBoard(book: Book): Map<string, Held> {
  const holders = new Map<string, Held>()
  for (const held of book.held) for (const { board } of held.grants) holders.set(board, held)
  return holders
}

/** Of boards that would do: the free ones, those whose lease this waiter may end, those that are given back first. */
function soonestFirst(boards: BookBoard[], holders: Map<string, Held>, request: Request): BookBoard[] {
  if (holders.size === 0) return boards
  const rank = ({ name }: BookBoard): number => {
    const held = holders.get(name)
    if (!held) return -2
    return mayPreempt(request, held) ? -1 : held.untilMs
  }
  return [...boards].sort((a, b) => rank(a) - rank(b))
}
