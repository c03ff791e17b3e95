import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Desk, request } from './book-test-kit.ts'
import { heldIn } from './evolve.ts'
import { inOrder, mayPreempt, turns } from './queue.ts'
import { RULES, type Book, type Held, type Request } from './words.ts'

describe('whose turn it is', () => {
  const waiting = (...queue: Request[]): Book => ({ ...new Desk().book, queue })
  const order = (book: Book, nowMs = 0): string =>
    inOrder(book, nowMs, RULES)
      .map(({ id }) => id)
      .join(' ')

  it('goes by priority, one more for each ten minutes of waiting, never less for a clock that went back', () => {
    const early = request('early', { priority: 5, askedMs: 0 })
    const late = request('late', { priority: 6, askedMs: 600_000 })
    const book = waiting(early, late)
    assert.equal(order(book, 599_999), 'late early')
    assert.equal(order(book, 600_000), 'early late')
    assert.equal(order(waiting(request('a', { askedMs: 0 }), request('b', { askedMs: 1e7, priority: 6 })), 0), 'b a')
    assert.equal(order(waiting(early)), 'early')
    assert.deepEqual(RULES, { ageStepMs: 600_000, graceMs: 300_000, halfLifeMs: 86_400_000, fairStepMs: 60_000 })
  })

  it('goes by what users had, in whole minutes, then by who asked first', () => {
    const book = waiting(
      request('much', { user: 'bob' }),
      request('less', { user: 'carol' }),
      request('none', { user: 'dan' }),
    )
    const had = (bobMs: number, carolMs: number): Book => ({
      ...book,
      usage: [
        { user: 'bob', boardMs: bobMs, atMs: 0 },
        { user: 'carol', boardMs: carolMs, atMs: 0 },
      ],
    })
    assert.equal(order(had(120_000, 60_000)), 'none less much')
    assert.equal(order(had(59_999, 60_000)), 'much none less')
    assert.equal(order(had(59_999, 59_999)), 'much less none')
  })

  it('ends what yields and is worth less, for whoever may', () => {
    const cases: [Partial<Request>, Partial<Held>, boolean][] = [
      [{ preempts: true, priority: 6 }, { yields: true, priority: 5 }, true],
      [{ preempts: true, priority: 5 }, { yields: true, priority: 5 }, false],
      [{ preempts: false, priority: 6 }, { yields: true, priority: 5 }, false],
      [{ preempts: true, priority: 6 }, { yields: false, priority: 5 }, false],
    ]
    for (const [wish, lease, may] of cases) {
      const held: Held = { ...request('h', lease), grants: [], sinceMs: 0, untilMs: 1 }
      assert.equal(mayPreempt(request('r', wish), held), may)
    }
  })

  it('takes a free board, else one that it may have, else the one that is given back first', () => {
    const desk = new Desk()
    const next = (change: Partial<Request> = {}): string | undefined => {
      const book = { ...desk.book, queue: [request('w', { asks: [{}], ...change })] }
      return turns(book, desk.nowMs, RULES, { all: true })[0]?.boards[0]?.name
    }
    desk.ask('x', { asks: [{ board: 'a1' }], forMs: 5000, yields: false })
    assert.equal(next(), 'a2')
    desk.ask('y', { asks: [{ board: 'a2' }], forMs: 9000, priority: 1 })
    desk.ask('z', { asks: [{ board: 'b1' }], forMs: 3000, yields: false })
    assert.equal(next(), 'b1')
    assert.equal(next({ preempts: true }), 'a2')
    assert.deepEqual(turns({ ...desk.book, queue: [request('w')] }, 0, RULES), [], 'nothing is left to be given')
  })

  it('prefers a free board to one that it would have to take', () => {
    const desk = new Desk()
    desk.ask('x', { asks: [{ board: 'a1' }], priority: 1 })
    const queue = [request('w', { asks: [{ type: 'a' }], preempts: true })]
    const [turn] = turns({ ...desk.book, queue }, 0, RULES)
    assert.deepEqual([turn?.boards[0]?.name, turn?.isFree], ['a2', true])
  })

  it('is looked for as long as a free board is left, whatever those in front wait for', () => {
    const desk = new Desk()
    for (const board of ['a2', 'b1']) desk.ask(board, { asks: [{ board }] })
    const found = (...boards: string[]): string => {
      const queue = boards.map((board, n) => request(`w${n}`, { asks: [{ board }] }))
      return turns({ ...desk.book, queue }, 0, RULES)
        .map(({ request: { id }, isFree }) => `${id} ${isFree}`)
        .join(', ')
    }
    assert.equal(found('a1', 'a2'), 'w0 true')
    assert.equal(found('a2', 'a1', 'b1'), 'w0 false, w1 true')
    assert.equal(found('a2', 'b1'), 'w0 false, w1 false')
  })
})

describe('a notice', () => {
  it('stands as it was served while its waiter waits, whatever else happens', () => {
    const desk = new Desk()
    desk.ask('run', { forMs: 1e9 })
    desk.ask('urgent', { user: 'bob', priority: 9, preempts: true })
    const notice = { by: 'urgent', byUser: 'bob', atMs: RULES.graceMs }
    desk.pass(RULES.graceMs / 2)
    desk.ask('also', { user: 'carol', priority: 9, preempts: true })
    assert.deepEqual(heldIn(desk.book, 'run')?.notice, notice)
    desk.pass(RULES.graceMs / 2)
    assert.equal(desk.owner('a1'), 'urgent')
    assert.deepEqual(
      desk.events.filter(({ type }) => type !== 'bench' && type !== 'queued' && type !== 'granted'),
      [
        { type: 'noticed', id: 'run', notice },
        { type: 'ended', atMs: RULES.graceMs, id: 'run', how: 'preempted', by: 'bob' },
      ],
    )
  })
})

describe('who may end runs and wants several boards', () => {
  it('ends none while somebody keeps one of the boards, and all of them once that is over', () => {
    const desk = new Desk()
    desk.ask('run', { asks: [{ board: 'a1' }], forMs: 1e9 })
    desk.ask('person', { asks: [{ board: 'a2' }], forMs: 60_000, yields: false })
    desk.ask('urgent', { user: 'bob', asks: [{ board: 'a1' }, { board: 'a2' }], priority: 9, preempts: true })
    assert.equal(heldIn(desk.book, 'run')?.notice, undefined)
    desk.pass(60_000)
    assert.equal(heldIn(desk.book, 'run')?.notice?.by, 'urgent')
    desk.pass(RULES.graceMs)
    assert.deepEqual([desk.owner('a1'), desk.owner('a2')], ['urgent', 'urgent'])
  })

  it('ends one board’s run as well where the other’s was told to end before', () => {
    const desk = new Desk()
    for (const board of ['a1', 'a2']) desk.ask(board, { asks: [{ board }], forMs: 1e9 })
    desk.ask('one', { user: 'bob', asks: [{ board: 'a2' }], priority: 7, preempts: true })
    desk.ask('both', { user: 'carol', asks: [{ board: 'a1' }, { board: 'a2' }], priority: 9, preempts: true })
    assert.deepEqual(
      desk.book.held.map(({ notice }) => notice?.by),
      ['both', 'one'],
    )
  })
})

describe('a command about a lease that is not in force', () => {
  it('is refused, but for a waiter that withdraws', () => {
    const desk = new Desk()
    desk.ask('x', { forMs: 1e9 })
    desk.ask('y', { user: 'bob' })
    for (const command of [
      { do: 'renew', id: 'y', forMs: null },
      { do: 'yield', id: 'y' },
      { do: 'release', id: 'z' },
    ] as const) {
      assert.match(desk.do(command).refused ?? '', /^lease\/stale/)
      assert.deepEqual(
        desk.book.queue.map(({ id }) => id),
        ['y'],
      )
    }
    assert.equal(desk.do({ do: 'release', id: 'y' }).refused, undefined)
    assert.deepEqual(desk.book.queue, [])
  })
})

describe('who asks for a type', () => {
  const boardOf = (unsound: string | undefined, asks: Request['asks']): string | undefined => {
    const rules = { unsoundness: (board: string) => (board === unsound ? 3 : 0) }
    const desk = new Desk(unsound === undefined ? {} : rules)
    desk.ask('x', { asks })
    return heldIn(desk.book, 'x')?.grants[0]?.board
  }

  it('gets the soundest board of it, and of those alike the first', () => {
    assert.equal(boardOf(undefined, [{ type: 'a' }]), 'a1')
    assert.equal(boardOf('a2', [{ type: 'a' }]), 'a1')
    assert.equal(boardOf('a1', [{ type: 'a' }]), 'a2')
  })

  it('gets an unsound one where there is no other, or where it has that name', () => {
    assert.equal(boardOf('a2', [{ type: 'a', traits: ['gui'] }]), 'a2')
    assert.equal(boardOf('a1', [{ board: 'a1' }]), 'a1')
  })
})
