import assert from 'node:assert/strict'
import { serves } from './assign.ts'
import { decide, replay } from './book.ts'
import { turns } from './queue.ts'
import { EMPTY_BOOK, RULES, type Book, type LeaseCommand, type LeaseEvent, type Request, type Rules } from './words.ts'

/** A bench as small as shows everything: two types, a trait that only some have. */
export const BENCH = [
  { name: 'a1', type: 'a', traits: ['a'] },
  { name: 'a2', type: 'a', traits: ['a', 'gui'] },
  { name: 'b1', type: 'b', traits: ['b', 'gui'] },
]

export function request(id: string, change: Partial<Request> = {}): Request {
  return {
    id,
    user: 'alice',
    purpose: 'a test',
    asks: [{ board: 'a1' }],
    priority: 5,
    preempts: false,
    yields: true,
    tied: false,
    leaves: false,
    forMs: 60_000,
    askedMs: 0,
    giveUpMs: null,
    ...change,
  }
}

/** A book under way, which checks after every step what must always hold. */
export class Desk {
  book: Book = EMPTY_BOOK
  nowMs = 0
  readonly events: LeaseEvent[] = []
  readonly #rules: Rules

  constructor(rules: Partial<Rules> = {}) {
    this.#rules = { ...RULES, ...rules }
    this.do({ do: 'bench', boards: BENCH })
  }

  do(command: LeaseCommand): { events: readonly LeaseEvent[]; refused?: string } {
    const before = this.book
    const outcome = decide(before, command, this.nowMs, this.#rules)
    assert.deepEqual(replay(outcome.events, before, this.#rules), outcome.book, 'what is kept makes the same book')
    this.events.push(...outcome.events)
    this.book = outcome.book
    this.mustBeSound()
    return { events: outcome.events, ...(outcome.refused && { refused: outcome.refused.message }) }
  }

  ask(id: string, change: Partial<Request> = {}): ReturnType<Desk['do']> {
    return this.do({ do: 'ask', request: request(id, { askedMs: this.nowMs, ...change }) })
  }

  pass(ms: number): void {
    this.nowMs += ms
    this.do({ do: 'tick' })
  }

  /** Which lease has a board. */
  owner(board: string): string | undefined {
    return this.book.held.find(({ grants }) => grants.some(grant => grant.board === board))?.id
  }

  /** No board has two owners, everybody has all they asked for, nobody both holds and waits, nor waits for what is free. */
  mustBeSound(): void {
    const owned = this.book.held.flatMap(({ grants }) => grants.map(({ board }) => board))
    assert.equal(new Set(owned).size, owned.length, 'a board with two owners')
    for (const { id, asks, grants, untilMs } of this.book.held) {
      assert.equal(grants.length, asks.length, 'all or nothing')
      for (const [index, { board, epoch }] of grants.entries()) {
        assert.ok(serves(this.book.boards[board]!, asks[index]!), 'a board that was asked for')
        assert.equal(this.book.boards[board]!.epoch, epoch, 'the newest number is the holder’s')
      }
      assert.ok(untilMs > this.nowMs, 'a lease past its time')
      assert.ok(!this.book.queue.some(waiter => waiter.id === id), 'whoever has waits no more')
    }
    for (const { request, isFree } of turns(this.book, this.nowMs, this.#rules))
      assert.ok(!isFree, `${request.id} waits for boards that are free and its own`)
  }
}
