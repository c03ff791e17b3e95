import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { after, test } from 'node:test'
import type { SeedPlan } from '../seed.ts'
import { simFolder } from '../swarm/folder.ts'
import { tryPlan } from '../swarm/seed-result.ts'
import {
  BENCH_FAULTS,
  PRODUCT_FAULTS,
  RUN_FAULTS,
  type AgentFault,
  type ClientFault,
  type FaultKind,
  type Planned,
} from './faults.ts'

const base = `${simFolder()}-faults`
after(() => rmSync(base, { recursive: true, force: true }))

const HOUR_MS = 3_600_000

/** Each kind of fault by itself: when it strikes, how much, and what a run of then has to say. */
type Struck = Exclude<FaultKind, AgentFault | ClientFault>

const EXPECTED: Record<Struck, { atMs?: number; amount?: number; runs?: number; came: RegExp }> = {
  'line-noise': { amount: 2000, came: /^unharmed$|^infrastructure\/(?:serial-corrupt|console-silent)/ },
  'tty-blinks': { atMs: 16_000, amount: 400, came: /^unharmed$|^infrastructure\/tty-gone/ },
  'tty-gone': { atMs: 18_000, came: /^infrastructure\/tty-gone/ },
  'relay-sticks': { atMs: 12_000, came: /^infrastructure\/power/ },
  'relay-lies': { atMs: 12_000, runs: 2, came: /^infrastructure\/power/ },
  'relay-dead': { came: /^infrastructure\/console-silent/ },
  'power-cut': { atMs: 22_000, amount: HOUR_MS, came: /^infrastructure\/board-gone/ },
  'ssh-half-open': { atMs: 22_000, amount: HOUR_MS, came: /^infrastructure\/ssh-/ },
  'network-out': { atMs: 10_000, amount: HOUR_MS, came: /^infrastructure\/ssh-unreachable/ },
  'bad-sector': { atMs: 100, came: /^infrastructure\/flash-write/ },
  'lying-medium': { atMs: 100, came: /^infrastructure\/flash-verify/ },
  'medium-stays': { amount: 5, came: /^infrastructure\/media/ },
  'recording-disk-full': { atMs: 12_000, came: /^infrastructure\/disk-full/ },
  'log-disk-full': { atMs: 12_000, came: /^exit 3|^infrastructure\/disk-full/ },
  'run-killed': { atMs: 18_000, came: /^killed/ },
  'tests-killed': { atMs: 24_000, came: /^infrastructure\/runner/ },
  'messages-lost': { atMs: 14_000, amount: 2, came: /^infrastructure\/runner/ },
  'messages-doubled': { atMs: 14_000, amount: 2, came: /^unharmed$/ },
  interrupted: { atMs: 18_000, came: /^cancelled\/interrupt/ },
  'panics-at-boot': { came: /^product\/panic/ },
  'panics-later': { atMs: 6000, came: /^product\/panic/ },
  'hangs-at-boot': { came: /^product\/no-login/ },
  'hangs-later': { atMs: 6000, came: /^product\/hang/ },
  'shuts-down': { atMs: 6000, came: /^product\/(?:shutdown|hang)/ },
  'no-login': { came: /^product\/no-login/ },
  'no-ssh': { came: /^product\/ssh-closed/ },
  'wrong-password': { came: /^product\/ssh-auth/ },
  'no-guest': { came: /^product\/no-guest/ },
  'broken-unit': { came: /^an expectation/ },
}

for (const kind of [...BENCH_FAULTS, ...RUN_FAULTS, ...PRODUCT_FAULTS])
  test(`${kind} strikes, and is blamed as what it is`, async () => {
    const { came } = EXPECTED[kind]
    const { met, alone, violations } = await tryPlan(alonePlan(kind), { base, replay: false })
    assert.deepEqual(violations, [])
    assert.deepEqual(met, [kind])
    const said = alone.flatMap(one => one.came)
    assert.ok(
      said.some(word => came.test(word)),
      `${said.join(', ')} instead of ${came.source}`,
    )
  })

/** Seeds that once called a noisy line a product without login, without shell, or a wrong password: [seed, damaged per million]. */
const NOISY = [
  ...([
    [13, 8000],
    [17, 3000],
    [43, 8000],
    [54, 20_000],
    [57, 3000],
  ] as const),
  ...([
    [76, 1000],
    [215, 300],
    [227, 3000],
  ] as const),
] as const

test("a line that damages much is the bench's, wherever it strikes", async () => {
  for (const [seed, amount] of NOISY) {
    const plan = { ...alonePlan('line-noise'), seed }
    const boards = plan.boards.map(board => ({ ...board, faults: [{ kind: 'line-noise', atMs: 0, amount } as const] }))
    const { violations } = await tryPlan({ ...plan, boards }, { base, replay: false })
    assert.deepEqual(violations, [], `seed ${seed}`)
  }
})

function alonePlan(kind: Struck): SeedPlan {
  const { atMs = 0, amount = 0, runs = 1 } = EXPECTED[kind]
  const planned = <K extends FaultKind>(kinds: readonly K[]): Planned<K>[] =>
    kinds.filter(one => one === kind).map(kind => ({ kind, atMs, amount }))
  const run = (n: number): SeedPlan['runs'][number] => ({
    ...{ name: `run-${n + 1}`, startMs: n * 1000, boards: ['sim-1'], waitMs: HOUR_MS, confirm: false },
    faults: planned(RUN_FAULTS),
    defects: planned(PRODUCT_FAULTS),
  })
  const board = { name: 'sim-1', twin: false, seesWhy: kind === 'power-cut', faults: planned(BENCH_FAULTS) }
  return { seed: 7, boards: [board], runs: Array.from({ length: runs }, (_, n) => run(n)) }
}
