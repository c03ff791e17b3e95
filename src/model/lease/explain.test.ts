import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Desk } from './book-test-kit.ts'
import { explain, whyStale, type Waiting } from './explain.ts'
import { QUARANTINED, RULES, type Ask } from './words.ts'

/** A desk where each board of these was leased once, for so long, and time begins anew. */
function usual(times: Readonly<Record<string, number>>): Desk {
  const desk = new Desk()
  for (const [board, ms] of Object.entries(times)) {
    desk.ask('past', { asks: [{ board }], forMs: 1e9 })
    desk.nowMs += ms
    desk.do({ do: 'release', id: 'past' })
    desk.nowMs = 0
  }
  return desk
}

function told(desk: Desk, id: string): Waiting {
  return explain(desk.book, id, desk.nowMs, RULES)!
}

describe('a place in the queue', () => {
  it('counts those in front that could want the same board, by any of their wishes', () => {
    const desk = new Desk()
    for (const board of ['a1', 'a2', 'b1']) desk.ask(board, { asks: [{ board }], forMs: 1e9 })
    desk.ask('both', { user: 'bob', asks: [{ board: 'a1' }, { board: 'b1' }] })
    desk.ask('other', { user: 'bob', asks: [{ board: 'a2' }] })
    desk.ask('last', { user: 'bob', asks: [{ board: 'b1' }] })
    assert.deepEqual(
      ['both', 'other', 'last'].map(id => told(desk, id).place),
      [1, 1, 2],
    )
  })
})

describe('why somebody waits', () => {
  it('is who has each of the boards that are in use, also where no board of the bench is free', () => {
    const desk = new Desk()
    for (const board of ['a1', 'b1']) desk.ask(board, { asks: [{ board }], user: `${board}-user`, forMs: 1e9 })
    desk.ask('x', { asks: [{ board: 'a1' }, { board: 'a2' }, { board: 'b1' }] })
    const why =
      'a1 is held by a1-user (a test) since 1970-01-01 00:00 UTC; b1 is held by b1-user (a test) since 1970-01-01 00:00 UTC'
    assert.equal(told(desk, 'x').why, why)
    const full = new Desk()
    for (const board of ['a1', 'a2', 'b1']) full.ask(board, { asks: [{ board }] })
    full.ask('x')
    assert.equal(told(full, 'x').why, 'a1 is held by alice (a test) since 1970-01-01 00:00 UTC')
  })

  it('is what is wrong with the boards that nobody gets, also where it wants others as well', () => {
    const why = (...asks: Ask[]): string => {
      const desk = new Desk()
      for (const board of ['a2', 'b1']) desk.do({ do: 'withhold', board, why: `${QUARANTINED}its fan is dead` })
      desk.ask('x', { asks })
      return told(desk, 'x').why
    }
    assert.equal(why({ board: 'a1' }, { board: 'b1' }), 'b1: quarantined: its fan is dead')
    assert.equal(why({ type: 'a' }, { type: 'b' }), 'b1: quarantined: its fan is dead')
    assert.equal(why({ type: 'a' }, { type: 'a' }), 'a2: quarantined: its fan is dead')
  })

  it('is never a quarantine, for whoever mends', () => {
    const desk = new Desk()
    desk.do({ do: 'withhold', board: 'a1', why: `${QUARANTINED}its fan is dead` })
    desk.do({ do: 'withhold', board: 'b1', why: 'somebody has it past the agent' })
    desk.ask('x', { asks: [{ board: 'a1' }, { board: 'b1' }], mends: true })
    assert.equal(told(desk, 'x').why, 'b1: somebody has it past the agent')
  })

  it('ends with how it ended', () => {
    const desk = new Desk()
    desk.ask('x')
    desk.do({ do: 'release', id: 'x', by: 'bob' })
    assert.match(whyStale(desk.book.boards['a1'], 1), /^lease 1 of alice was ended by bob at /)
  })
})

describe('an estimate', () => {
  it('is made where no board is free, and not for a board that nobody gets', () => {
    const desk = usual({ a1: 100, a2: 100, b1: 100 })
    for (const board of ['a1', 'a2', 'b1']) desk.ask(board, { asks: [{ board }], forMs: 1e9 })
    desk.ask('x')
    assert.equal(told(desk, 'x').etaMs, 100)
    const withheld = new Desk()
    withheld.do({ do: 'withhold', board: 'a1', why: 'broken' })
    withheld.ask('x')
    assert.equal(told(withheld, 'x').etaMs, null)
  })

  it('is that of the slowest of several boards, for whoever wants them and for whoever comes then', () => {
    const desk = usual({ a1: 100, a2: 300 })
    for (const board of ['a1', 'a2']) desk.ask(board, { asks: [{ board }], forMs: 1e9 })
    desk.ask('both', { user: 'bob', asks: [{ board: 'a1' }, { board: 'a2' }], forMs: 1e9 })
    desk.ask('then', { user: 'bob', asks: [{ board: 'a1' }] })
    assert.deepEqual([told(desk, 'both').etaMs, told(desk, 'then').etaMs], [300, 600])
  })

  it('has those in front who hold a board keep it as long as they said, however long it is usually used', () => {
    const desk = usual({ a1: 100 })
    desk.ask('x', { asks: [{ board: 'a1' }], forMs: 1000, yields: false })
    desk.ask('holds', { user: 'bob', asks: [{ board: 'a1' }], forMs: 5000, yields: false })
    desk.ask('runs', { user: 'bob', asks: [{ board: 'a1' }], forMs: 5000 })
    desk.ask('last', { user: 'bob', asks: [{ board: 'a1' }] })
    assert.deepEqual(
      ['holds', 'runs', 'last'].map(id => told(desk, id).etaMs),
      [1000, 6000, 6100],
    )
  })

  it('sees what those in front will have by then, and what others keep', () => {
    for (const [a1Ms, nowMs, eta] of [
      [1000, 990, 1500],
      [100, 90, 200],
    ] as const) {
      const desk = usual({ a1: a1Ms })
      desk.ask('x', { asks: [{ board: 'a1' }], forMs: 1e6 })
      desk.ask('y', { asks: [{ board: 'a2' }], forMs: 1500, yields: false })
      desk.nowMs = nowMs
      desk.ask('w1', { user: 'bob', asks: [{ board: 'a1' }], forMs: 1e9 })
      desk.ask('w2', { user: 'bob', asks: [{ type: 'a' }] })
      assert.deepEqual([told(desk, 'w1').etaMs, told(desk, 'w2').etaMs], [a1Ms, eta])
    }
  })
})
