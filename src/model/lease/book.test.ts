import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { BENCH, Desk } from './book-test-kit.ts'
import { heldIn, numberedBehind } from './evolve.ts'
import { explain, whyStale } from './explain.ts'
import { nextChangeMs } from './book.ts'
import { RULES, type LeaseCommand } from './words.ts'

const ids = ['r1', 'r2', 'r3', 'r4', 'r5', 'r6']
const anId = fc.constantFrom(...ids)
const anAsk = fc.oneof(
  fc.constantFrom(...BENCH.map(({ name }) => ({ board: name }))),
  fc.constantFrom({ type: 'a' }, { type: 'b' }, { traits: ['gui'] }, {}),
)
const aRequest = fc.record({
  id: anId,
  user: fc.constantFrom('alice', 'bob', 'carol'),
  asks: fc.array(anAsk, { minLength: 1, maxLength: 3 }),
  priority: fc.integer({ min: 0, max: 9 }),
  preempts: fc.boolean(),
  yields: fc.boolean(),
  forMs: fc.constantFrom(1000, 60_000, 3_600_000),
  giveUpMs: fc.constantFrom(null, 0, 1e6, 1e7),
})
const aStep = fc.oneof(
  { weight: 4, arbitrary: aRequest.map(ask => ({ ask })) },
  {
    weight: 4,
    arbitrary: fc
      .record({ do: fc.constantFrom('renew', 'prolong', 'release', 'yield', 'hand'), id: anId })
      .map(({ do: verb, id }) => ({ command: { do: verb, id, forMs: 100, to: 'dave', by: 'bob' } as LeaseCommand })),
  },
  { weight: 2, arbitrary: fc.constantFrom(1, 1000, 100_000, 2_000_000).map(pass => ({ pass })) },
  {
    weight: 1,
    arbitrary: fc
      .record({ board: fc.constantFrom('a1', 'b1'), why: fc.constantFrom(null, 'quarantined') })
      .map(({ board, why }) => ({ command: { do: 'withhold', board, why } as LeaseCommand })),
  },
  {
    weight: 1,
    arbitrary: fc.subarray(BENCH).map(boards => ({ command: { do: 'bench', boards } as LeaseCommand })),
  },
)
type Step = typeof aStep extends fc.Arbitrary<infer S> ? S : never

function play(steps: readonly Step[]): Desk {
  const desk = new Desk()
  for (const step of steps)
    if ('pass' in step) desk.pass(step.pass)
    else if ('ask' in step) desk.ask(step.ask.id, { ...step.ask })
    else desk.do(step.command)
  return desk
}

test('whatever happens: one owner a board, all or nothing, nothing free is kept back, numbers only grow, and replay makes the same book', () => {
  fc.assert(
    fc.property(fc.array(aStep, { maxLength: 60 }), steps => {
      const desk = play(steps)
      const last = new Map<string, number>()
      for (const event of desk.events)
        if (event.type === 'granted' || event.type === 'handed')
          for (const { board, epoch } of event.grants) {
            assert.ok(epoch > (last.get(board) ?? 0), 'numbers only grow')
            last.set(board, epoch)
          }
    }),
    { numRuns: 1500 },
  )
})

test('whatever happens: the queue drains as soon as everybody gives back: nobody waits in a circle', () => {
  fc.assert(
    fc.property(fc.array(aStep, { maxLength: 60 }), steps => {
      const desk = play(steps)
      desk.do({ do: 'bench', boards: BENCH })
      for (const { name: board } of BENCH) desk.do({ do: 'withhold', board, why: null })
      for (let n = 0; n <= ids.length; n++) for (const { id } of desk.book.held) desk.do({ do: 'release', id })
      assert.deepEqual([desk.book.queue, desk.book.held], [[], []], 'nobody waits in a circle')
    }),
    { numRuns: 500 },
  )
})

test('every waiter is told a reason and a place', () => {
  fc.assert(
    fc.property(fc.array(aStep, { maxLength: 60 }), steps => {
      const desk = play(steps)
      for (const { id } of desk.book.queue) {
        const told = explain(desk.book, id, desk.nowMs, RULES)
        assert.ok(told && told.why.length > 0 && told.place >= 1, JSON.stringify(told))
        assert.ok(told.etaMs === null || told.etaMs >= desk.nowMs)
      }
    }),
    { numRuns: 500 },
  )
})

test('nobody starves: a modest wish for every board at once comes true against a stream of urgent small ones', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 9 }),
      fc.array(fc.nat(2), { minLength: 3, maxLength: 9 }),
      (priority, picks) => {
        const desk = new Desk()
        for (const { name: board } of BENCH) desk.ask(`first-${board}`, { asks: [{ board }] })
        desk.ask('modest', { user: 'bob', priority, asks: BENCH.map(({ name }) => ({ board: name })) })
        // One lease a minute, each board asked for again before it is given back.
        let n = 0
        while (!heldIn(desk.book, 'modest')) {
          const board = BENCH[picks[n % picks.length]!]!.name
          desk.ask(`urgent-${n++}`, { user: 'carol', priority: 9, asks: [{ board }] })
          desk.pass(60_000)
          const limitMs = (11 - priority) * RULES.ageStepMs
          assert.ok(desk.nowMs < limitMs * 4, `still waiting after ${desk.nowMs} ms`)
        }
      },
    ),
    { numRuns: 100 },
  )
})

test('users take turns however many wishes one of them has', () => {
  const desk = new Desk()
  for (let n = 0; n < 20; n++) desk.ask(`many-${n}`, { user: 'alice', asks: [{ board: 'a1' }], forMs: 120_000 })
  for (let n = 0; n < 3; n++) desk.ask(`few-${n}`, { user: 'bob', asks: [{ board: 'a1' }], forMs: 120_000 })
  const order: string[] = []
  for (let n = 0; n < 6; n++) {
    order.push(desk.owner('a1')!)
    desk.pass(120_000)
  }
  assert.deepEqual(order, ['many-0', 'few-0', 'many-1', 'few-1', 'many-2', 'few-2'])
})

test('what is asked for twice under one id is asked for once', () => {
  const desk = new Desk()
  desk.ask('x')
  assert.deepEqual(desk.ask('x').events, [])
  desk.ask('y')
  assert.deepEqual(desk.ask('y').events, [])
  assert.deepEqual([desk.owner('a1'), desk.book.queue.length], ['x', 1])
})

test('who does not wait is refused with who holds the board; what the bench has not, at once', () => {
  const desk = new Desk()
  desk.ask('x', { user: 'bob', purpose: 'pid 7: hil run' })
  const now = desk.ask('y', { giveUpMs: 0 })
  assert.match(now.refused ?? '', /^lease\/held: expected a1 to be free; saw a1 is held by bob \(pid 7: hil run\)/)
  assert.deepEqual([now.events, desk.book.queue], [[], []])
  assert.match(desk.ask('z', { asks: [{ type: 'z' }] }).refused ?? '', /unknown-board.*\n.*a1 \(a, a\)/)
  const three = desk.ask('z', { asks: [{ type: 'a' }, { type: 'a' }, { type: 'a' }] })
  assert.match(three.refused ?? '', /boards of this bench that are a a and a a and a a; saw not enough of them/)
  const both = desk.ask('z', { asks: [{ board: 'a1' }, { board: 'a2' }], giveUpMs: 0 })
  assert.match(both.refused ?? '', /expected a1 and a2 to be free/)
})

test('a wish by type takes the board that leaves the other wish possible', () => {
  const desk = new Desk()
  desk.ask('x', { asks: [{ type: 'a' }, { board: 'a1' }] })
  assert.deepEqual(
    heldIn(desk.book, 'x')?.grants.map(({ board }) => board),
    ['a2', 'a1'],
  )
})

test('a lease is over at its time, a renewed one later, and its holder is told what ended it', () => {
  const desk = new Desk()
  desk.ask('x')
  desk.nowMs = 50_000
  desk.do({ do: 'renew', id: 'x', forMs: null })
  desk.pass(59_999)
  assert.equal(desk.owner('a1'), 'x')
  desk.pass(1)
  assert.equal(desk.owner('a1'), undefined)
  assert.match(desk.do({ do: 'renew', id: 'x', forMs: null }).refused ?? '', /lease\/stale/)
  assert.match(whyStale(desk.book.boards['a1'], 1), /^lease 1 of alice was over its time at 1970-01-01T00:01:50/)
})

test('urgent work ends what yields, at its next safe point or when the grace is over; never what people hold', () => {
  const desk = new Desk()
  desk.ask('run', { asks: [{ board: 'a1' }], forMs: 1e9 })
  desk.ask('hold', { asks: [{ board: 'a2' }], yields: false, forMs: 1e9 })
  desk.do({ do: 'yield', id: 'run' })
  assert.equal(desk.owner('a1'), 'run', 'nobody wants it')
  desk.ask('urgent', { user: 'bob', asks: [{ type: 'a' }], priority: 8, preempts: true, forMs: 1e9 })
  assert.equal(heldIn(desk.book, 'run')?.notice?.byUser, 'bob')
  assert.equal(heldIn(desk.book, 'hold')?.notice, undefined)
  assert.match(explain(desk.book, 'urgent', 0, RULES)?.why ?? '', /told to end by/)
  desk.do({ do: 'yield', id: 'run' })
  assert.equal(desk.owner('a1'), 'urgent')
  assert.match(whyStale(desk.book.boards['a1'], 1), /preempted for bob/)

  desk.ask('another', { user: 'carol', asks: [{ board: 'a1' }], priority: 9, preempts: true })
  desk.pass(RULES.graceMs - 1)
  assert.equal(desk.owner('a1'), 'urgent')
  desk.do({ do: 'release', id: 'another' })
  assert.equal(heldIn(desk.book, 'urgent')?.notice, undefined, 'nobody wants it any more')
  desk.ask('patient', { asks: [{ board: 'a1' }] })
  desk.ask('another', { user: 'carol', asks: [{ board: 'a1' }], priority: 9, preempts: true })
  desk.do({ do: 'release', id: 'another' })
  assert.equal(heldIn(desk.book, 'urgent')?.notice, undefined, 'who waits on has no right to it')
  desk.ask('third', { user: 'carol', asks: [{ board: 'a1' }], priority: 9, preempts: true })
  desk.pass(RULES.graceMs)
  assert.equal(desk.owner('a1'), 'third')
})

test('a board that was handed on has a new number, and its lease a new user', () => {
  const desk = new Desk()
  desk.ask('x')
  desk.do({ do: 'hand', id: 'x', to: 'bob', by: 'alice' })
  assert.deepEqual(heldIn(desk.book, 'x')?.grants, [{ board: 'a1', epoch: 2 }])
  assert.match(whyStale(desk.book.boards['a1'], 1), /lease 1 of alice was handed by alice/)
})

test('reloading the bench file leaves leases alone, and numbers go on where a board comes back', () => {
  const desk = new Desk()
  desk.ask('x')
  desk.do({ do: 'bench', boards: BENCH.slice(1) })
  assert.equal(desk.owner('a1'), 'x')
  desk.do({ do: 'release', id: 'x' })
  desk.ask('y')
  assert.equal(desk.owner('a1'), undefined)
  assert.match(explain(desk.book, 'y', 0, RULES)?.why ?? '', /no longer in the bench file/)
  desk.do({ do: 'bench', boards: BENCH })
  assert.deepEqual(heldIn(desk.book, 'y')?.grants, [{ board: 'a1', epoch: 2 }])
})

test('an estimate is from how long boards were used before', () => {
  const desk = new Desk()
  for (const ms of [100_000, 300_000, 200_000]) {
    desk.ask('past', { forMs: 1e9 })
    desk.pass(ms)
    desk.do({ do: 'release', id: 'past' })
  }
  desk.ask('now', { forMs: 1e9 })
  desk.ask('next')
  desk.ask('last')
  const begin = desk.nowMs
  desk.pass(50_000)
  const eta = (id: string): number => explain(desk.book, id, desk.nowMs, RULES)!.etaMs! - begin
  // The next keeps it no longer than it asked for.
  assert.deepEqual([eta('next'), eta('last')], [200_000, 260_000])
  assert.equal(explain(desk.book, 'last', desk.nowMs, RULES)?.place, 2)
  assert.equal(nextChangeMs(desk.book, desk.nowMs), desk.nowMs + 60_000)
})

test('a queue is looked at when somebody in it gets older, so that nobody waits for what is theirs by then', () => {
  const desk = new Desk({ ageStepMs: 50_000 })
  desk.ask('x', { asks: [{ board: 'a2' }], forMs: 1e9 })
  desk.ask('both', { user: 'bob', asks: [{ board: 'a1' }, { board: 'a2' }], priority: 5 })
  desk.pass(20_000)
  desk.ask('one', { user: 'carol', asks: [{ board: 'a1' }], priority: 5 })
  const rules = { ...RULES, ageStepMs: 50_000 }
  assert.equal(nextChangeMs(desk.book, desk.nowMs, rules), 50_000)
  const { why } = explain(desk.book, 'one', desk.nowMs, rules)!
  assert.notEqual(why, '')
})

test('numbers that go on behind lost ones are those of leases to come; those in force keep theirs', () => {
  const desk = new Desk()
  desk.ask('x')
  desk.book = numberedBehind(desk.book, 1000)
  assert.deepEqual(heldIn(desk.book, 'x')?.grants, [{ board: 'a1', epoch: 1 }])
  desk.do({ do: 'release', id: 'x' })
  desk.ask('y')
  desk.ask('z', { asks: [{ board: 'a2' }] })
  assert.deepEqual(
    ['y', 'z'].map(id => heldIn(desk.book, id)?.grants),
    [[{ board: 'a1', epoch: 1002 }], [{ board: 'a2', epoch: 1001 }]],
  )
})
