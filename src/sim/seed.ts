import { planAgent, type PlannedAgent } from './agent/plan.ts'
import { Chance } from './lab/chance.ts'
import {
  BENCH_FAULTS,
  PRODUCT_FAULTS,
  RUN_FAULTS,
  type BenchFault,
  type FaultKind,
  type Planned,
  type ProductFault,
  type RunFault,
} from './lab/faults.ts'

/** What one seed does: boards, who runs what on them, and what goes wrong. */
export interface SeedPlan {
  readonly seed: number
  readonly boards: readonly PlannedSimBoard[]
  readonly runs: readonly PlannedSimRun[]
  /** Absent: each run has its boards itself. */
  readonly agent?: PlannedAgent
}

export interface PlannedSimBoard {
  readonly name: string
  readonly twin: boolean
  readonly seesWhy: boolean
  readonly faults: readonly Planned<BenchFault>[]
}

/** What may happen to the connections of a run, where an agent has its board. To double a call would be to repeat a test. */
export type RunConnectionFault = (typeof RUN_CONNECTION_FAULTS)[number]

const RUN_CONNECTION_FAULTS = [
  'connection-cut',
  'connection-half-open',
  'calls-delayed',
  'client-stands-still',
] as const

/** Somebody who types `hil run`. */
export interface PlannedSimRun {
  readonly name: string
  readonly startMs: number
  readonly boards: readonly string[]
  readonly waitMs: number
  readonly confirm: boolean | 'aba'
  /** Boards that do not boot are tried with a golden image, where a test has set one. */
  readonly diagnose?: boolean
  readonly faults: readonly Planned<RunFault | RunConnectionFault>[]
  /** What is wrong with the image that it brings. */
  readonly defects: readonly Planned<ProductFault>[]
}

/** The boards that a lab has. */
export const BOARD_NAMES = ['sim-1', 'sim-2', 'sim-3'] as const

const MODES = ['calm', 'bench', 'bench', 'bench', 'product', 'product', 'mixed', 'mixed'] as const
/** In the first so many ms most runs are at work. */
const BUSY_MS = 60_000
const MINUTE_MS = 60_000

/** The plan of a seed. Whole kinds of faults are on or off: a seed with few kinds shows what many would hide. */
export function planOf(seed: number): SeedPlan {
  return hasAgent(seed) ? planWithAgent(seed) : planOfRuns(seed)
}

/** Every other block of seeds, so that each mode is met with an agent and without. */
function hasAgent(seed: number): boolean {
  return Math.floor(seed / MODES.length) % 2 === 1
}

function planWithAgent(seed: number): SeedPlan {
  const chance = new Chance(`agent ${seed}`)
  const names = BOARD_NAMES.slice(0, 1 + chance.below(BOARD_NAMES.length))
  const mode = MODES[seed % MODES.length]!
  const boards = names.map(name => ({ name, twin: chance.happens(0.5), seesWhy: chance.happens(0.2), faults: [] }))
  const agent = planAgent(chance.for('agent'), names, mode === 'calm')
  if (!chance.happens(RUN_BESIDE)) return { seed, boards, runs: [], agent }
  const run = planRun('run-1', chance, names)
  for (const kind of PRODUCT_FAULTS)
    if ((mode === 'product' || mode === 'mixed') && chance.happens(0.1))
      run.defects.push({ kind, atMs: chance.between(0, BUSY_MS / 2), amount: 0 })
  for (const kind of RUN_CONNECTION_FAULTS)
    if ((mode === 'bench' || mode === 'mixed') && chance.happens(0.1)) {
      const atMs = run.startMs + chance.between(0, BUSY_MS)
      run.faults.push({ kind, atMs, amount: chance.magnitude(5, MINUTE_MS) })
    }
  return { seed, boards, runs: [run], agent }
}

/** A whole run among those who need boards, in so many seeds with an agent. */
const RUN_BESIDE = 0.35

function planRun(name: string, chance: Chance, names: readonly string[]) {
  return {
    name,
    startMs: chance.between(0, BUSY_MS),
    boards: chosen(chance, names),
    waitMs: 60 * MINUTE_MS,
    confirm: false,
    faults: [] as Planned<RunFault | RunConnectionFault>[],
    defects: [] as Planned<ProductFault>[],
  }
}

function planOfRuns(seed: number): SeedPlan {
  const chance = new Chance(`seed ${seed}`)
  const mode = MODES[seed % MODES.length]!
  const intensity = chance.pick(INTENSITIES)
  const on = <K extends FaultKind>(kinds: readonly K[], among: readonly string[]): K[] =>
    among.includes(mode) ? kinds.filter(() => chance.happens(intensity)) : []
  const bench = on(BENCH_FAULTS, ['bench', 'mixed'])
  const run = on(RUN_FAULTS, ['bench', 'mixed'])
  const product = on(PRODUCT_FAULTS, ['product', 'mixed'])

  const names = BOARD_NAMES.slice(0, 1 + chance.below(BOARD_NAMES.length))
  const runs = Array.from({ length: 1 + chance.below(3) }, (_, n) => ({
    name: `run-${n + 1}`,
    startMs: n === 0 ? chance.between(0, 1000) : chance.between(0, BUSY_MS),
    boards: chosen(chance, names),
    waitMs: chance.happens(0.2) ? 0 : 60 * MINUTE_MS,
    confirm: chance.happens(0.5),
    faults: [] as Planned<RunFault>[],
    defects: [] as Planned<ProductFault>[],
  }))
  const boards = names.map(name => ({
    name,
    twin: chance.happens(0.5),
    seesWhy: chance.happens(0.5),
    faults: [] as Planned<BenchFault>[],
  }))
  for (const kind of bench) {
    const { faults, seesWhy } = chance.pick(boards)
    // A board has one relay, which fails in one way.
    if (kind.startsWith('relay-') && faults.some(fault => fault.kind.startsWith('relay-'))) continue
    // Nor can anybody tell a board that hangs from one whose supply is cut behind a relay that repeats what it was told.
    if (kind === 'power-cut' && !seesWhy && faults.some(fault => REPEATS.has(fault.kind))) continue
    const fault = benchFault(kind, chance)
    // A short loss of power that no equipment sees looks like a board that restarts by itself: nobody can tell.
    const unseen = kind === 'power-cut' && !seesWhy
    faults.push(unseen ? { ...fault, amount: Math.max(fault.amount, SEEN_MS) } : fault)
  }
  for (const kind of run) {
    const victim = chance.pick(runs)
    victim.faults.push({ kind, atMs: victim.startMs + chance.between(0, BUSY_MS), amount: 1 + chance.below(3) })
  }
  for (const kind of product) chance.pick(runs).defects.push({ kind, atMs: chance.between(0, BUSY_MS / 2), amount: 0 })
  return { seed, boards, runs }
}

/** How likely each kind of fault is on: one at a time shows clearest what it does, many at once what they do together. */
const INTENSITIES = [0.06, 0.1, 0.25] as const

function chosen(chance: Chance, names: readonly string[]): string[] {
  const some = names.filter(() => chance.happens(0.6))
  return some.length > 0 ? some : [chance.pick(names)]
}

function benchFault(kind: BenchFault, chance: Chance): Planned<BenchFault> {
  const [least, most] = AMOUNTS[kind] ?? [0, 0]
  const atMs = EARLY.has(kind) ? chance.between(0, 5000) : chance.between(0, BUSY_MS)
  return { kind, atMs, amount: most === 0 ? 0 : chance.magnitude(least, most) }
}

const REPEATS: ReadonlySet<BenchFault> = new Set<BenchFault>(['relay-lies', 'relay-dead'])

/** A loss of power that lasts so long is seen by whoever asks the supply every few seconds. */
const SEEN_MS = 60_000

/** What strikes at the beginning of a run, or not at all. */
const EARLY: ReadonlySet<BenchFault> = new Set<BenchFault>(['line-noise', 'bad-sector', 'lying-medium', 'medium-stays'])

/** How much or how long, from the least to the most; see `Planned.amount`. */
const AMOUNTS: Partial<Record<BenchFault, [number, number]>> = {
  'line-noise': [20, 5000],
  'tty-blinks': [50, 20_000],
  'power-cut': [20, 120_000],
  'ssh-half-open': [1000, 600_000],
  'network-out': [1000, 600_000],
  'medium-stays': [1, 5],
}
