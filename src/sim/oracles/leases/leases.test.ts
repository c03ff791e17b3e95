import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { PlannedAgent, PlannedErrand } from '../../agent/plan.ts'
import { RULES_OF_SEEDS } from '../../agent/plan.ts'
import type { AgentFault, Planned } from '../../lab/faults.ts'
import type { Sabotage } from '../../sabotage.ts'
import type { SeedPlan } from '../../seed.ts'
import { ALIKE_EVERYWHERE } from '../../swarm/alike.ts'
import { simFolder } from '../../swarm/folder.ts'
import { tryOut, tryPlan } from '../../swarm/seed-result.ts'
import { live } from '../../world.ts'
import type { LeaseOracle } from './complaint.ts'

Object.assign(process.env, ALIKE_EVERYWHERE)
const base = `${simFolder()}-leases`
after(() => rmSync(base, { recursive: true, force: true }))

const SECOND_MS = 1000

function errand(n: number, startS: number, change: Partial<PlannedErrand> = {}): PlannedErrand {
  return {
    ...{ name: `errand-${n}`, user: 'alice', startMs: startS * SECOND_MS, as: 'run', wants: ['sim-1'], priority: 5 },
    ...{ waitMs: null, workMs: 10 * SECOND_MS, forMs: 60 * SECOND_MS, ends: 'released', watches: false, faults: [] },
    ...{ strayMs: undefined, ...change },
  }
}

/** Two boards with an agent, who wants them, and what goes wrong. */
function plan(errands: readonly PlannedErrand[], faults: readonly Planned<AgentFault>[] = []): SeedPlan {
  const boards = ['sim-1', 'sim-2'].map(name => ({ name, twin: true, seesWhy: false, faults: [] }))
  const agent: PlannedAgent = { errands, faults, rules: RULES_OF_SEEDS }
  return { seed: 1, boards, runs: [], agent }
}

const strike = (kind: AgentFault, atS: number, amount: number): Planned<AgentFault> => ({
  ...{ kind, amount, atMs: atS * SECOND_MS },
})
const stays = { as: 'hold', workMs: 50 * SECOND_MS } as const
const comesLate = plan([
  errand(1, 1, { as: 'hold', workMs: 2000, strayMs: 8000 }),
  errand(2, 2, { user: 'bob', workMs: 30_000 }),
])
/** One who waits, and many who are more urgent. */
const stream = plan([
  errand(0, 1),
  errand(1, 2, { user: 'bob' }),
  ...Array.from({ length: 40 }, (_, n) => errand(n + 2, 1 + n * 8, { user: 'carol', priority: 9 })),
])
const greedy = plan([...[1, 2, 3, 4].map(n => errand(n, n, { workMs: 30_000 })), errand(5, 6, { user: 'bob' })])
const halfOpen = plan([
  errand(1, 1, { faults: [{ kind: 'connection-half-open', atMs: 5000, amount: 1 }] }),
  errand(2, 3, { user: 'bob' }),
])

const BUGS: [what: string, oracle: LeaseOracle, plan: SeedPlan, sabotage: Sabotage][] = [
  ['an agent that looks at no numbers', 'fencing', comesLate, { unfenced: true }],
  ['one that does not say what ended a lease', 'refusals', comesLate, { namesNothing: true }],
  [
    'one that gives a part of what is asked for',
    'whole',
    plan([errand(1, 1, { ...stays, wants: ['sim-1', 'sim-2'] })]),
    { givesParts: true },
  ],
  [
    'one that does not tell who waits',
    'waits',
    plan([errand(1, 1, stays), errand(2, 2, { ...stays, forMs: 900_000 })]),
    { forgetsWaiters: true },
  ],
  [
    'one that miscounts places',
    'telling',
    plan([errand(1, 1, stays), errand(2, 2, { user: 'bob' })]),
    { wrongPlaces: true },
  ],
  ['a queue in which nobody gets older', 'turns', stream, { rules: { ageStepMs: 1e12 } }],
  ['a queue in which many wishes of one user count', 'turns', greedy, { rules: { fairStepMs: 1e12 } }],
  ['a disk that lies', 'promises', plan([errand(1, 1, stays)], [strike('agent-killed', 20, 500)]), { lyingDisk: true }],
  [
    'a disk that refuses and says nothing',
    'promises',
    plan([errand(1, 1, stays)], [strike('book-disk-fails', 0.5, 20_000), strike('host-loses-power', 12, 15_000)]),
    { quietDisk: true },
  ],
  [
    'a guardian that sleeps',
    'parking',
    plan([errand(1, 1, { workMs: 40_000 })], [strike('agent-killed', 10, 40_000)]),
    { sleepingGuardian: true },
  ],
  ['connections that nobody looks after', 'ending', halfOpen, { noPulse: true }],
]

for (const [what, oracle, planned, sabotage] of BUGS)
  test(`${what} is found, and without that bug the same is clean`, async () => {
    const { violations } = await tryPlan(planned, { base, replay: false, sabotage })
    assert.ok(
      violations.some(violation => violation.oracle === oracle),
      JSON.stringify(violations),
    )
    assert.deepEqual((await tryPlan(planned, { base, replay: true })).violations, [])
  })

/** What the simulation found when it first had an agent: how it is called, and when it happens. */
const ONCE_BROKEN: [what: string, plan: SeedPlan][] = [
  [
    'a board given back while the disk of the book is full goes to who waits, who is told',
    plan([errand(1, 1), errand(2, 3, { user: 'bob' })], [strike('book-disk-full', 8, 20_000)]),
  ],
  [
    'what was under way under a hold ends when that is handed on',
    plan([errand(1, 1, { as: 'hold', workMs: 3000, ends: 'handed' })]),
  ],
  [
    'a board whose lease ended just before its host lost power is put away',
    plan([errand(1, 1, { as: 'hold', workMs: 20_000, forMs: 10_000 })], [strike('host-loses-power', 11.15, 15_000)]),
  ],
  [
    'a board whose lease ended while its agent was away is put away, however soon after its return',
    plan([errand(1, 1, { as: 'hold', workMs: 40_000, forMs: 18_000 })], [strike('host-loses-power', 17, 47_000)]),
  ],
  [
    'two runs of one user do not share a hold',
    plan([errand(1, 1, stays), errand(2, 10, { workMs: 20_000 }), errand(3, 15)]),
  ],
  [
    'an agent that comes back while somebody has a board past it leaves that board alone',
    plan([errand(1, 1, stays), errand(2, 20, { user: 'bob', workMs: 60_000 })], [strike('agent-killed', 15, 10_000)]),
  ],
]

for (const [what, planned] of ONCE_BROKEN)
  test(what, async () => {
    assert.deepEqual((await tryPlan(planned, { base, replay: false })).violations, [])
  })

test('who waits keeps their place over two restarts far apart', async () => {
  const waits = { ...stays, workMs: 200_000, forMs: 210_000 }
  const kills = [strike('agent-killed', 20, 1000), strike('agent-killed', 120, 1000)]
  const planned = plan([errand(1, 1, waits), errand(2, 2, { as: 'hold', user: 'bob' })], kills)
  const { errands, complaints } = await live(planned, { folder: join(base, 'waits') })
  assert.deepEqual(complaints, [])
  assert.deepEqual(
    errands.map(({ fault }) => fault?.code),
    [undefined, undefined],
  )
})

test('a few seeds with an agent, each lived twice', async () => {
  for (const seed of [8, 14, 15, 24, 27, 47, 105, 109, 152, 251, 287, 301, 328, 730, 1721, 1855]) {
    const { violations } = await tryOut(seed, { base, replay: true })
    assert.deepEqual(violations, [], `hil sim --seed ${seed} --timeline`)
  }
})
