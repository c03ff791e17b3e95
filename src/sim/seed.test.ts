import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AGENT_FAULTS, BENCH_FAULTS, CLIENT_FAULTS, PRODUCT_FAULTS, RUN_FAULTS } from './lab/faults.ts'
import { planOf } from './seed.ts'

const SEEDS = Array.from({ length: 500 }, (_, n) => n + 1)

test('a seed plans the same each time, and another seed something else', () => {
  assert.deepEqual(planOf(7), planOf(7))
  assert.notDeepEqual(planOf(7).runs, planOf(8).runs)
})

test('five hundred seeds plan every kind of fault, and seeds of one side plan none of the other', () => {
  const plans = SEEDS.map(planOf)
  const kinds = new Set(
    plans.flatMap(({ boards, runs }) => [
      ...boards.flatMap(({ faults }) => faults.map(({ kind }) => kind as string)),
      ...runs.flatMap(({ faults, defects }) => [...faults, ...defects].map(({ kind }) => kind as string)),
    ]),
  )
  for (const { agent } of plans)
    for (const { kind } of [...(agent?.faults ?? []), ...(agent?.errands ?? []).flatMap(({ faults }) => faults)])
      kinds.add(kind)
  const all = [...BENCH_FAULTS, ...RUN_FAULTS, ...PRODUCT_FAULTS, ...AGENT_FAULTS, ...CLIENT_FAULTS]
  assert.deepEqual([...kinds].sort(), all.sort())
  const bench = (plan: (typeof plans)[number]): number =>
    plan.boards.flatMap(({ faults }) => faults).length + plan.runs.flatMap(({ faults }) => faults).length
  const product = (plan: (typeof plans)[number]): number => plan.runs.flatMap(({ defects }) => defects).length
  assert.ok(plans.filter(plan => bench(plan) > 0 && product(plan) === 0).length > 50)
  assert.ok(plans.filter(plan => bench(plan) === 0 && product(plan) > 0).length > 50)
  assert.ok(plans.filter(plan => bench(plan) > 0 && product(plan) > 0).length > 20)
  assert.ok(plans.filter(plan => bench(plan) + product(plan) === 0).length > 30)
})
