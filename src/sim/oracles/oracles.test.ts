import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { after, test } from 'node:test'
import type { RunnerMessage } from '../../model/runner-message.ts'
import type { BenchFault, Planned, ProductFault } from '../lab/faults.ts'
import type { Sabotage } from '../sabotage.ts'
import type { PlannedSimRun, SeedPlan } from '../seed.ts'
import { ALIKE_EVERYWHERE } from '../swarm/alike.ts'
import { simFolder } from '../swarm/folder.ts'
import { tryOut, tryPlan } from '../swarm/seed-result.ts'

Object.assign(process.env, ALIKE_EVERYWHERE)
const base = `${simFolder()}-oracles`
after(() => rmSync(base, { recursive: true, force: true }))

/** One board, runs one after the other, and what goes wrong. */
function plan(faults: readonly Planned<BenchFault>[], defects: readonly Planned<ProductFault>[], runs = 1): SeedPlan {
  const run = (n: number): PlannedSimRun => ({
    ...{ name: `run-${n + 1}`, startMs: n * 5000, boards: ['sim-1'], waitMs: 3_600_000, confirm: false, faults: [] },
    defects: n === 0 ? defects : [],
  })
  const board = { name: 'sim-1', twin: false, seesWhy: true, faults }
  return { seed: 1, boards: [board], runs: Array.from({ length: runs }, (_, n) => run(n)) }
}

const TTY_GONE = [{ kind: 'tty-gone', atMs: 18_000, amount: 0 }] as const
const BROKEN_UNIT = [{ kind: 'broken-unit', atMs: 0, amount: 0 }] as const

/** A judge that takes a vanished console for the product's doing. */
const blamesTheProduct = (message: RunnerMessage): RunnerMessage =>
  JSON.parse(JSON.stringify(message).replaceAll('infrastructure/tty-gone', 'product/hang')) as RunnerMessage

/** A runner that calls passed what failed. */
const passesAll = (message: RunnerMessage): RunnerMessage =>
  message.type === 'test' && message.status === 'failed' ? { ...message, status: 'passed', errors: [] } : message

/** The same with a run that is killed. */
function killed({ runs, ...more }: SeedPlan): SeedPlan {
  const faults = [{ kind: 'run-killed', atMs: 18_000, amount: 0 } as const]
  return { ...more, runs: runs.map(run => ({ ...run, faults })) }
}

const BUGS: [what: string, oracle: string, plan: SeedPlan, sabotage: Sabotage][] = [
  ['a vanished tty that is called product', 'blame', plan(TTY_GONE, []), { message: blamesTheProduct }],
  ['two who have the same lock', 'leases', plan([], [], 2), { sharesLocks: true }],
  ['a board that is left on', 'ending', plan([], []), { leavesOn: true }],
  ['a guardian that sleeps', 'ending', killed(plan([], [])), { sleepingGuardian: true }],
  ['a recording that loses bytes', 'recording', plan([], []), { losesBytes: true }],
  ["random numbers that are not the seed's", 'replay', plan([], []), { forgetsSeed: true }],
  ['a pass that nobody earned', 'evidence', plan([], BROKEN_UNIT), { message: passesAll }],
]

for (const [what, oracle, planned, sabotage] of BUGS)
  test(`${what} is found, and without that bug the same seed is clean`, async () => {
    const options = { base, replay: oracle === 'replay' }
    const { violations, timeline = [] } = await tryPlan(planned, { ...options, sabotage })
    assert.ok(
      violations.some(violation => violation.oracle === oracle),
      JSON.stringify(violations),
    )
    assert.ok(timeline.length > 10, 'what led to it is told')
    const clean = await tryPlan(planned, options)
    assert.deepEqual(clean.violations, [])
    assert.equal(clean.timeline, undefined)
  })

test('a few seeds, each lived twice', async () => {
  for (let seed = 1; seed <= 16; seed++) {
    const { violations } = await tryOut(seed, { base, replay: true })
    assert.deepEqual(violations, [], `hil sim --seed ${seed} --timeline`)
  }
})
