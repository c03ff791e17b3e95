import { Fault } from '../../base/fault.ts'
import { assign, describeAsk } from './assign.ts'
import { evolve, heldIn } from './evolve.ts'
import { explain } from './explain.ts'
import { holdersByBoard, mayPreempt, turns } from './queue.ts'
import { RULES, type Book, type LeaseCommand, type LeaseEvent, type Request, type Rules } from './words.ts'

/** What a command led to. `refused`: why nothing came of it, beside what time alone had brought. */
export interface Outcome {
  readonly book: Book
  readonly events: readonly LeaseEvent[]
  readonly refused?: Fault
}

/**
 * The lease book of a bench: what somebody wants, at a time, becomes what happened. Pure: the caller keeps the events,
 * and then tells whom they concern.
 *
 * Whatever the command, leases whose time is over end first, and boards that are free afterwards are given away.
 */
export function decide(book: Book, command: LeaseCommand, nowMs: number, rules: Rules = RULES): Outcome {
  const page = new Page(book, nowMs, rules)
  page.expire()
  const refused = page.act(command)
  page.settle()
  return { book: page.book, events: page.events, ...(refused && { refused }) }
}

/** A book as events happened to it. */
export function replay(events: Iterable<LeaseEvent>, from: Book, rules: Rules = RULES): Book {
  let book = from
  for (const event of events) book = evolve(book, event, rules.halfLifeMs)
  return book
}

/** When time alone will next change a book; undefined: never. Who had how much is looked at once a minute while anybody waits. */
export function nextChangeMs(book: Book, nowMs: number, { ageStepMs }: Rules = RULES): number | undefined {
  const moments = book.held.flatMap(({ untilMs, notice }) => [untilMs, ...(notice ? [notice.atMs] : [])])
  for (const { giveUpMs, askedMs } of book.queue) {
    const olderMs = ageStepMs - (Math.max(0, nowMs - askedMs) % ageStepMs)
    moments.push(Math.min(giveUpMs ?? Infinity, nowMs + Math.min(60_000, olderMs)))
  }
  return moments.length === 0 ? undefined : Math.min(...moments)
}

/** One command at work. */
class Page {
  book: Book
  readonly events: LeaseEvent[] = []
  readonly #nowMs: number
  readonly #rules: Rules
  #freed = false

  constructor(book: Book, nowMs: number, rules: Rules) {
    this.book = book
    this.#nowMs = nowMs
    this.#rules = rules
  }

  /** What time alone brings. */
  expire(): void {
    const atMs = this.#nowMs
    for (const { id, untilMs, notice } of this.book.held)
      if (untilMs <= atMs) this.#happen({ type: 'ended', atMs, id, how: 'expired' })
      else if (notice && notice.atMs <= atMs)
        this.#happen({ type: 'ended', atMs, id, how: 'preempted', by: notice.byUser })
    for (const { id, giveUpMs } of this.book.queue)
      if (giveUpMs !== null && giveUpMs <= atMs) this.#happen({ type: 'left', id, how: 'late' })
  }

  act(command: LeaseCommand): Fault | undefined {
    switch (command.do) {
      case 'tick':
        this.#freed = true
        return undefined
      case 'ask':
        return this.#ask(command.request)
      case 'bench':
        this.#happen({ type: 'bench', boards: command.boards })
        this.#freed = true
        return undefined
      case 'withhold':
        this.#happen({ type: 'withheld', board: command.board, why: command.why })
        this.#freed = true
        return undefined
      case 'renew':
      case 'prolong':
      case 'release':
      case 'yield':
      case 'hand':
        return this.#change(command)
    }
  }

  /** Gives away what is free, and serves notice for what may be had by preemption. */
  settle(): void {
    if (this.book.queue.length > 0 && this.#freed)
      for (const { request, boards, isFree } of turns(this.book, this.#nowMs, this.#rules))
        if (isFree) {
          const grants = boards.map(({ name: board, epoch }) => ({ board, epoch: epoch + 1 }))
          this.#happen({ type: 'granted', atMs: this.#nowMs, id: request.id, grants })
        }
    this.#serveNotices()
  }

  #ask(request: Request): Fault | undefined {
    const { id, asks, giveUpMs } = request
    if (heldIn(this.book, id) || this.book.queue.some(waiter => waiter.id === id)) return undefined
    if (!assign(asks, Object.values(this.book.boards))) return impossible(this.book, request)
    const before = { book: this.book, events: this.events.length }
    this.#happen({ type: 'queued', request })
    this.#freed = true
    if (giveUpMs === null || giveUpMs > this.#nowMs) return undefined
    // It does not want to wait: now or never.
    this.settle()
    if (heldIn(this.book, id)) return undefined
    const why = explain(this.book, id, this.#nowMs, this.#rules)!
    this.book = before.book
    this.events.length = before.events
    return new Fault('lease/held', { expected: `${asks.map(describeAsk).join(' and ')} to be free`, seen: why.why })
  }

  #change(command: Extract<LeaseCommand, { id: string }>): Fault | undefined {
    const { id } = command
    const atMs = this.#nowMs
    const held = heldIn(this.book, id)
    if (!held) {
      if (command.do !== 'release' || !this.book.queue.some(waiter => waiter.id === id)) return unknown(id)
      this.#happen({ type: 'left', id, how: 'withdrawn' })
      this.#freed = true
      return undefined
    }
    switch (command.do) {
      case 'renew':
        this.#happen({ type: 'renewed', id, untilMs: atMs + (command.forMs ?? held.forMs) })
        return undefined
      case 'prolong': {
        const { forMs, purpose } = command
        const untilMs = Math.max(held.untilMs, atMs + forMs)
        this.#happen({ type: 'renewed', id, untilMs, ...(purpose !== undefined && { purpose }) })
        return undefined
      }
      case 'release': {
        const { by } = command
        const foreign = by !== undefined && by !== held.user
        this.#happen({ type: 'ended', atMs, id, how: foreign ? 'ended' : 'released', ...(foreign && { by }) })
        return undefined
      }
      case 'yield':
        if (held.notice) this.#happen({ type: 'ended', atMs, id, how: 'preempted', by: held.notice.byUser })
        return undefined
      case 'hand': {
        const grants = held.grants.map(({ board }) => ({ board, epoch: this.book.boards[board]!.epoch + 1 }))
        this.#happen({ type: 'handed', atMs, id, to: command.to, by: command.by, grants })
        return undefined
      }
    }
  }

  #serveNotices(): void {
    const notices = this.book.held.filter(({ notice }) => notice)
    for (const { id, notice } of notices)
      if (!this.book.queue.some(waiter => waiter.id === notice!.by)) this.#happen({ type: 'unnoticed', id })
    if (!this.book.queue.some(({ preempts }) => preempts)) return
    const holders = holdersByBoard(this.book)
    for (const { request, boards } of turns(this.book, this.#nowMs, this.#rules, { all: true })) {
      const inTheWay = [...new Set(boards.flatMap(({ name }) => holders.get(name) ?? []))]
      // Where somebody keeps one of the boards, ending what is done on the others would only leave them idle.
      if (inTheWay.every(held => mayPreempt(request, held))) for (const { id } of inTheWay) this.#notice(request, id)
    }
  }

  #notice(request: Request, id: string): void {
    if (heldIn(this.book, id)!.notice) return
    const notice = { by: request.id, byUser: request.user, atMs: this.#nowMs + this.#rules.graceMs }
    this.#happen({ type: 'noticed', id, notice })
  }

  #happen(event: LeaseEvent): void {
    this.events.push(event)
    this.book = evolve(this.book, event, this.#rules.halfLifeMs)
    if (event.type === 'ended' || event.type === 'left') this.#freed = true
  }
}

function impossible(book: Book, { asks }: Request): Fault {
  const boards = Object.values(book.boards)
  return new Fault('configuration/unknown-board', {
    expected: `boards of this bench that are ${asks.map(describeAsk).join(' and ')}`,
    seen: boards.length === 0 ? 'a bench without boards' : 'not enough of them',
    evidence: boards.map(({ name, type, traits }) => `${name} (${[type, ...traits].join(', ')})`),
  })
}

function unknown(id: string): Fault {
  return new Fault('lease/stale', { expected: `lease ${id} to be in force`, seen: 'it ended, or never was' })
}
