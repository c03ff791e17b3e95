import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { assign, describeAsk, serves } from './assign.ts'
import { BENCH, Desk, request } from './book-test-kit.ts'
import { decide, nextChangeMs } from './book.ts'
import { evolve, heldIn, holderOf, NOT_WIRED, usedMs } from './evolve.ts'
import { explain, explainAll, usualMs, whyStale } from './explain.ts'
import { EMPTY_BOOK, QUARANTINED, RULES, type Book, type Request } from './words.ts'

const HOUR_MS = 3_600_000

describe('what a board serves', () => {
  const gui = { name: 'a2', type: 'a', traits: ['a', 'gui'], withheld: null, epoch: 0, past: [] }
  const cases = [
    [{}, true, 'a board'],
    [{ board: 'a2' }, true, 'a2'],
    [{ board: 'a1' }, false, 'a1'],
    [{ type: 'a' }, true, 'a a'],
    [{ type: 'b' }, false, 'a b'],
    [{ traits: ['gui'] }, true, 'a board with gui'],
    [{ traits: ['gui', 'a'] }, true, 'a board with gui and a'],
    [{ traits: ['gui', 'b'] }, false, 'a board with gui and b'],
    [{ board: 'a2', type: 'b' }, false, 'a2'],
    [{ board: 'a2', traits: ['b'] }, false, 'a2 with b'],
  ] as const
  for (const [ask, fits, words] of cases)
    it(`${words}: ${fits ? 'yes' : 'no'}`, () => {
      assert.deepEqual([serves(gui, ask), describeAsk(ask)], [fits, words])
    })

  it('gives the boards in the order of the asks, the earlier ones of the list first', () => {
    const boards = BENCH.map(board => ({ ...board, withheld: null, epoch: 0, past: [] }))
    const names = (asks: Parameters<typeof assign>[0]): string[] | undefined =>
      assign(asks, boards)?.map(({ name }) => name)
    assert.deepEqual(names([]), [])
    assert.deepEqual(names([{}]), ['a1'])
    assert.deepEqual(names([{}, {}, { board: 'a1' }]), ['b1', 'a2', 'a1'])
    assert.deepEqual(names([{ traits: ['gui'] }, { type: 'a' }]), ['a2', 'a1'])
    assert.deepEqual(names([{ traits: ['gui'] }, { type: 'a' }, { board: 'a1' }]), ['b1', 'a2', 'a1'])
    assert.equal(names([{ board: 'a1' }, { board: 'a1' }]), undefined)
  })
})

describe('what a book remembers', () => {
  it('is the last twenty leases of a board, and what ended each', () => {
    const desk = new Desk()
    for (let n = 0; n < 25; n++) {
      desk.ask('x')
      desk.pass(1000)
      desk.do({ do: 'release', id: 'x' })
    }
    const board = desk.book.boards['a1']
    assert.deepEqual([board?.past.length, board?.past[0]?.epoch, board?.past.at(-1)?.epoch], [20, 6, 25])
    assert.equal(whyStale(board, 6), 'lease 6 of alice was released at 1970-01-01T00:00:06.000Z')
    assert.equal(whyStale(board, 5), 'it was ended')
    assert.equal(whyStale(undefined, 5), 'it was ended')
    assert.deepEqual(desk.book.boards['a2']?.past, [])
  })

  it('says who ended the lease of somebody else, and of nobody when they did it themselves', () => {
    const desk = new Desk()
    for (const by of [undefined, 'alice', 'bob']) {
      desk.ask('x')
      desk.do({ do: 'release', id: 'x', ...(by !== undefined && { by }) })
    }
    assert.deepEqual(
      desk.events.filter(event => event.type === 'ended'),
      [
        { type: 'ended', atMs: 0, id: 'x', how: 'released' },
        { type: 'ended', atMs: 0, id: 'x', how: 'released' },
        { type: 'ended', atMs: 0, id: 'x', how: 'ended', by: 'bob' },
      ],
    )
    assert.equal(whyStale(desk.book.boards['a1'], 3), 'lease 3 of alice was ended by bob at 1970-01-01T00:00:00.000Z')
  })

  it('is how long everybody had boards: twice of two, half of it a day later, leases in force included', () => {
    const desk = new Desk()
    desk.ask('x', { asks: [{ type: 'a' }, { type: 'a' }], forMs: 1e12 })
    desk.ask('y', { user: 'bob', asks: [{ board: 'b1' }], forMs: 1e12 })
    desk.pass(HOUR_MS)
    const used = (): object => Object.fromEntries(usedMs(desk.book, desk.nowMs, RULES.halfLifeMs))
    assert.deepEqual(used(), { alice: 2 * HOUR_MS, bob: HOUR_MS })
    desk.do({ do: 'release', id: 'x' })
    assert.deepEqual(used(), { alice: 2 * HOUR_MS, bob: HOUR_MS })
    desk.pass(24 * HOUR_MS)
    assert.deepEqual(used(), { alice: HOUR_MS, bob: 25 * HOUR_MS })
    desk.ask('x', { forMs: 1e12 })
    desk.pass(24 * HOUR_MS)
    assert.deepEqual(used(), { alice: HOUR_MS / 2 + 24 * HOUR_MS, bob: 49 * HOUR_MS })
    desk.do({ do: 'release', id: 'x' })
    assert.deepEqual(used(), { alice: HOUR_MS / 2 + 24 * HOUR_MS, bob: 49 * HOUR_MS })
  })

  it('is of at most a thousand users: of more, the half that had most of late', () => {
    const desk = new Desk()
    desk.ask('x', { user: 'new', forMs: 1e12 })
    desk.nowMs = RULES.halfLifeMs
    const users = (count: number): Book['usage'] =>
      Array.from({ length: count }, (_, n) => ({ user: `u${n}`, boardMs: (n + 1) * 1000, atMs: desk.nowMs }))
    const end = { type: 'ended', atMs: desk.nowMs, id: 'x', how: 'released' } as const
    const after = (usage: Book['usage']): string[] =>
      evolve({ ...desk.book, usage }, end, RULES.halfLifeMs).usage.map(({ user }) => user)
    assert.equal(after(users(999)).length, 1000)
    const kept = after(users(1000))
    assert.equal(kept.length, 500)
    assert.ok(kept.includes('new') && kept.includes('u999') && kept.includes('u501') && !kept.includes('u500'))
    // Long ago counts less: 2000 s of two days ago are 500 s of now.
    const old = { user: 'old', boardMs: 2_000_000, atMs: desk.nowMs - 2 * RULES.halfLifeMs }
    assert.ok(!after([...users(1000), old]).includes('old'))
    assert.ok(after([...users(1000), { ...old, boardMs: 2_100_000 }]).includes('old'))
  })

  it('is the user whom a lease was handed to: with what was used before charged to the first, and no notice any more', () => {
    const desk = new Desk()
    desk.ask('x', { forMs: 1e12 })
    desk.pass(HOUR_MS)
    desk.ask('urgent', { user: 'carol', priority: 9, preempts: true })
    assert.ok(heldIn(desk.book, 'x')?.notice)
    const after = evolve(
      desk.book,
      { type: 'handed', atMs: desk.nowMs, id: 'x', to: 'bob', by: 'alice', grants: [{ board: 'a1', epoch: 2 }] },
      RULES.halfLifeMs,
    )
    const { user, sinceMs, notice } = heldIn(after, 'x')!
    assert.deepEqual({ user, sinceMs, notice }, { user: 'bob', sinceMs: HOUR_MS, notice: undefined })
    assert.deepEqual(after.usage, [{ user: 'alice', boardMs: HOUR_MS, atMs: HOUR_MS }])
    assert.deepEqual(after.boards['a1']?.past, [
      { epoch: 1, user: 'alice', sinceMs: 0, endMs: HOUR_MS, how: 'handed', by: 'alice' },
    ])
  })
})

describe('boards that nobody gets', () => {
  it('are those withheld, until they are not; another board than the bench has changes nothing', () => {
    const desk = new Desk()
    desk.do({ do: 'withhold', board: 'a1', why: 'broken cable' })
    const before = desk.book
    desk.do({ do: 'withhold', board: 'z9', why: 'no such board' })
    assert.deepEqual(desk.book, before)
    desk.ask('x')
    assert.equal(explain(desk.book, 'x', 0, RULES)?.why, 'a1: broken cable')
    desk.do({ do: 'bench', boards: BENCH })
    assert.equal(desk.owner('a1'), undefined, 'a bench file that is read again repairs nothing')
    desk.do({ do: 'withhold', board: 'a1', why: null })
    assert.equal(desk.owner('a1'), 'x')
  })

  it('are given to whoever mends them, if their health is why; without it to nobody', () => {
    for (const [why, mends, owner] of [
      [`${QUARANTINED}two runs failed`, true, 'x'],
      [`${QUARANTINED}two runs failed`, undefined, undefined],
      ['a person said so', true, undefined],
    ] as const) {
      const desk = new Desk()
      desk.do({ do: 'withhold', board: 'a1', why })
      desk.ask('x', mends ? { mends } : {})
      assert.equal(desk.owner('a1'), owner, `${why} ${mends}`)
    }
  })

  it('are told all together; while others wait for the rest, that is why', () => {
    const desk = new Desk()
    for (const board of ['a1', 'a2']) desk.do({ do: 'withhold', board, why: 'broken' })
    desk.ask('x', { asks: [{ type: 'a' }] })
    assert.equal(explain(desk.book, 'x', 0, RULES)?.why, 'a1: broken; a2: broken')
    desk.do({ do: 'withhold', board: 'a2', why: null })
    assert.equal(desk.owner('a2'), 'x')
    desk.ask('y', { asks: [{ board: 'a2' }] })
    desk.ask('z', { asks: [{ type: 'a' }] })
    assert.equal(explain(desk.book, 'z', 0, RULES)?.why, 'others wait for the boards that could serve it')
  })

  it('number their leases behind those that somebody took past the book', () => {
    const desk = new Desk()
    const [a1, ...others] = BENCH
    desk.do({ do: 'bench', boards: [{ ...a1!, epoch: 7 }, ...others] })
    desk.ask('x')
    assert.deepEqual(heldIn(desk.book, 'x')?.grants, [{ board: 'a1', epoch: 8 }])
    desk.do({ do: 'bench', boards: [{ ...a1!, epoch: 3 }, ...others] })
    assert.equal(desk.book.boards['a1']?.epoch, 8)
  })

  it('are those that left the bench file; of them it is kept what was', () => {
    const desk = new Desk()
    desk.do({ do: 'withhold', board: 'a2', why: 'broken' })
    desk.do({ do: 'bench', boards: BENCH.slice(2) })
    assert.deepEqual(
      Object.values(desk.book.boards).map(({ name, withheld }) => [name, withheld]),
      [
        ['b1', null],
        ['a1', NOT_WIRED],
        ['a2', NOT_WIRED],
      ],
    )
    desk.do({ do: 'bench', boards: BENCH })
    assert.deepEqual(
      Object.values(desk.book.boards).map(({ withheld }) => withheld),
      [null, null, null],
    )
    assert.equal(NOT_WIRED, 'it is no longer in the bench file')
  })

  it('are none of an empty bench, which says so', () => {
    const { refused } = decide(EMPTY_BOOK, { do: 'ask', request: request('x') }, 0)
    assert.match(refused?.message ?? '', /expected boards of this bench that are a1; saw a bench without boards/)
    assert.match(
      decide(EMPTY_BOOK, { do: 'release', id: 'x' }, 0).refused?.message ?? '',
      /^lease\/stale: expected lease x to be in force; saw it ended, or never was/,
    )
  })
})

describe('what a waiter is told', () => {
  it('is what it wants, since when, after how many that could want the same, and who has it', () => {
    const desk = new Desk()
    desk.ask('x', { purpose: 'pid 7: hil run', forMs: 1e9 })
    desk.nowMs = 60_000
    desk.ask('y', { user: 'bob', purpose: 'a look', asks: [{ board: 'a1' }] })
    desk.ask('other', { user: 'carol', asks: [{ board: 'b1' }, { board: 'a2' }, { board: 'a1' }] })
    desk.ask('z', { user: 'dan', asks: [{ type: 'b' }] })
    const all = explainAll(desk.book, desk.nowMs, RULES)
    assert.deepEqual(
      all.map(({ id, place, wants, sinceMs }) => [id, place, wants, sinceMs]),
      [
        ['y', 1, 'a1', 60_000],
        ['other', 2, 'b1 and a2 and a1', 60_000],
      ],
    )
    assert.equal(desk.owner('b1'), 'z', 'nothing is kept back for whom a board is missing by force of another wish')
    assert.deepEqual(all[0], {
      id: 'y',
      user: 'bob',
      purpose: 'a look',
      wants: 'a1',
      sinceMs: 60_000,
      place: 1,
      why: 'a1 is held by alice (pid 7: hil run) since 1970-01-01 00:00 UTC',
      etaMs: null,
    })
    assert.deepEqual(explainAll(desk.book, desk.nowMs, RULES, 1), all.slice(0, 1))
    assert.equal(explain(desk.book, 'x', desk.nowMs, RULES), undefined, 'who has does not wait')
  })

  it('is when: at the end of what people hold, at the notice of what yields, as usual else, never before now', () => {
    const eta = (
      change: Partial<Request>,
      prepare?: (desk: Desk) => void,
      wish: Partial<Request> = {},
    ): number | null => {
      const desk = new Desk()
      prepare?.(desk)
      desk.ask('x', { forMs: 1e9, ...change })
      desk.ask('y', { user: 'bob', ...wish })
      desk.nowMs += 10
      return explain(desk.book, 'y', desk.nowMs, RULES)!.etaMs
    }
    const used =
      (...times: number[]) =>
      (desk: Desk): void => {
        for (const ms of times) {
          desk.ask('past', { forMs: 1e9 })
          desk.nowMs += ms
          desk.do({ do: 'release', id: 'past' })
        }
        desk.nowMs = 0
      }
    assert.equal(eta({}), null)
    assert.equal(eta({ yields: false }), 1e9)
    assert.equal(eta({}, used(500)), 500)
    assert.equal(eta({}, used(900, 100, 500)), 500)
    assert.equal(eta({}, used(100, 500)), 500)
    assert.equal(eta({}, used(5)), 10, 'never before now')
    assert.equal(eta({}, undefined, { preempts: true, priority: 9 }), RULES.graceMs)
  })

  it('is nothing of how long a board is used that never was', () => {
    const board = new Desk().book.boards['a1']!
    assert.equal(usualMs(board), undefined)
    const past = [7, 3, 5].map(ms => ({ epoch: 1, user: 'a', sinceMs: 10, endMs: 10 + ms, how: 'released' as const }))
    assert.equal(usualMs({ ...board, past }), 5)
  })
})

describe('when time alone changes a book', () => {
  it('is at the end of a lease, at a notice, when a waiter gives up, and a minute from now while anybody waits', () => {
    const desk = new Desk()
    assert.equal(nextChangeMs(desk.book, 0), undefined)
    desk.ask('x', { forMs: 1e9 })
    assert.equal(nextChangeMs(desk.book, 0), 1e9)
    desk.ask('y', { user: 'bob', giveUpMs: 30_000 })
    assert.equal(nextChangeMs(desk.book, 0), 30_000)
    assert.equal(nextChangeMs({ ...desk.book, queue: [request('y')] }, 5), 60_005)
    desk.ask('z', { user: 'carol', preempts: true, priority: 9, giveUpMs: 1e8 })
    const { queue: _, ...rest } = desk.book
    assert.equal(nextChangeMs({ ...rest, queue: [] }, 0), RULES.graceMs)
  })

  it('is when it comes: a waiter that gave up has left, and a lease is over at its time to the millisecond', () => {
    const desk = new Desk()
    desk.ask('x', { forMs: 100 })
    desk.ask('y', { user: 'bob', giveUpMs: 50 })
    desk.ask('z', { user: 'carol' })
    desk.pass(49)
    assert.deepEqual(
      desk.book.queue.map(({ id }) => id),
      ['y', 'z'],
    )
    desk.pass(1)
    assert.deepEqual(desk.events.at(-1), { type: 'left', id: 'y', how: 'late' })
    desk.do({ do: 'release', id: 'z' })
    assert.deepEqual(desk.events.at(-1), { type: 'left', id: 'z', how: 'withdrawn' })
    assert.equal(holderOf(desk.book, 'a1')?.id, 'x')
    assert.equal(holderOf(desk.book, 'a2'), undefined)
    desk.pass(50)
    assert.deepEqual(desk.events.at(-1), { type: 'ended', atMs: 100, id: 'x', how: 'expired' })
  })

  it('lasts as long as it was renewed for', () => {
    const desk = new Desk()
    desk.ask('x', { forMs: 100 })
    desk.nowMs = 10
    desk.do({ do: 'renew', id: 'x', forMs: 500 })
    assert.equal(heldIn(desk.book, 'x')?.untilMs, 510)
    desk.do({ do: 'renew', id: 'x', forMs: null })
    assert.equal(heldIn(desk.book, 'x')?.untilMs, 110)
  })

  it('is never made shorter by being prolonged', () => {
    const desk = new Desk()
    desk.ask('x', { forMs: 100 })
    desk.nowMs = 10
    desk.do({ do: 'prolong', id: 'x', forMs: 89 })
    assert.equal(heldIn(desk.book, 'x')?.untilMs, 100)
    desk.do({ do: 'prolong', id: 'x', forMs: 91 })
    assert.equal(heldIn(desk.book, 'x')?.untilMs, 101)
  })

  it('is for what it was prolonged for, and for what it was asked for until then', () => {
    const desk = new Desk()
    desk.ask('x', { purpose: 'looking' })
    desk.do({ do: 'prolong', id: 'x', forMs: 1 })
    assert.equal(heldIn(desk.book, 'x')?.purpose, 'looking')
    desk.do({ do: 'prolong', id: 'x', forMs: 1, purpose: '' })
    assert.equal(heldIn(desk.book, 'x')?.purpose, '')
  })
})
