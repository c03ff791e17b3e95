import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '../base/time.ts'
import { Lab, install } from './lab/lab.ts'
import { Chance } from './lab/chance.ts'
import type { FaultKind } from './lab/faults.ts'
import { simBench, LAB } from './bench.ts'
import { AgentWorld } from './agent/agent-world.ts'
import type { Errand } from './agent/errand.ts'
import { SimLocks } from './host/locks.ts'
import { SimProcess } from './host/process.ts'
import type { SeedPlan } from './seed.ts'
import { SimRun } from './sim-run.ts'
import { SimNet } from './net/net.ts'
import type { Complaint } from './oracles/leases/complaint.ts'
import type { Sabotage } from './sabotage.ts'
import { VirtualTime } from './time/virtual-time.ts'

/** Something that happened in the simulated world, and not in a run's log. */
export interface WorldEvent {
  readonly atMs: number
  readonly who: string
  readonly text: string
}

/** What a seed came to: all that oracles look at. */
export interface SeedOutcome {
  readonly plan: SeedPlan
  /** Where its files lie, until somebody removes it. */
  readonly folder: string
  readonly lab: Lab
  readonly runs: readonly SimRun[]
  readonly locks: SimLocks
  readonly errands: readonly Errand[]
  /** What was seen of leases that may not be; see `oracles/leases`. */
  readonly complaints: readonly Complaint[]
  /** Boards that somebody wanted left as they are. */
  readonly left: ReadonlySet<string>
  /** Which faults struck which board, or run. */
  readonly met: ReadonlyMap<string, ReadonlySet<FaultKind>>
  /** Who acted on a board that was not theirs. */
  readonly trespasses: readonly WorldEvent[]
  readonly events: readonly WorldEvent[]
  /** How time ended: all runs over, or nobody waiting for anything, or too late. */
  readonly ended: 'over' | 'idle' | 'late'
  readonly tookMs: number
  /** What no caller caught. */
  readonly uncaught: readonly unknown[]
}

/** No run takes longer, whatever happens: waits for boards that others have included. */
export const BUDGET_MS = 4 * 3_600_000
/** What guardians may take once the last run is gone. */
const AFTERMATH_MS = 60_000

export interface WorldOptions {
  /** A folder of this seed's own, which is emptied first. */
  readonly folder: string
  readonly sabotage?: Sabotage
  /** Told of what happens as it does: a test may have something happen upon it. */
  readonly onEvent?: (event: WorldEvent, lab: Lab) => void
}

/** Lives through a seed: production code, simulated equipment, time that somebody else turns. */
export async function live(plan: SeedPlan, { folder, sabotage = {}, onEvent }: WorldOptions): Promise<SeedOutcome> {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  process.env['HIL_STATE_DIR'] = join(folder, 'state')
  const time = new VirtualTime()
  const chance = new Chance(`world ${plan.seed}`)
  const locks = new SimLocks(sabotage)
  const events: WorldEvent[] = []
  const trespasses: WorldEvent[] = []
  const met = new Map<string, Set<FaultKind>>()
  const processes = new Map<Clock, SimProcess>()
  const tell = (who: string, text: string): void => {
    const event = { atMs: time.nowMs, who, text }
    events.push(event)
    onEvent?.(event, lab)
  }
  const meet = (kind: FaultKind, who: string): void => {
    if (sabotage.leavesOn && kind === 'relay-lies') return
    const kinds = met.get(who) ?? new Set()
    if (!kinds.has(kind)) tell(who, `meets ${kind}`)
    met.set(who, kinds.add(kind))
  }
  const spawn = (name: string): SimProcess => {
    const spawned = new SimProcess(name, time)
    processes.set(spawned.clock, spawned)
    return spawned
  }
  const lab = new Lab({
    chance: chance.for('lab'),
    folder: join(folder, 'media'),
    nowMs: () => time.nowMs,
    after: (ms, act) => time.after(ms, act),
    tell,
    met: meet,
    acted: (board, clock, what) => {
      const process = processes.get(clock)
      // What of it was still to be done at the moment of its death is never done.
      if (process?.killed) throw new Error('nothing is done by a dead process')
      if (process?.name.startsWith('agent-')) agents?.watch.acted(board, what)
      if (process && locks.holderOf(board) === process) return
      trespasses.push({ atMs: time.nowMs, who: board, text: `${process?.name ?? 'nobody'} ${what}` })
    },
  })
  using _lab = install(LAB, lab)
  let agents: AgentWorld | undefined
  const bench = await simBench(join(folder, '..'), plan.boards)
  for (const { name, faults } of plan.boards)
    for (const fault of faults) time.after(fault.atMs, () => lab.board(name).strike(fault))
  if (sabotage.leavesOn)
    for (const { name } of plan.boards) lab.board(name).strike({ kind: 'relay-lies', atMs: 0, amount: 0 })
  const uncaught: unknown[] = []
  const onUncaught = (error: unknown): void => void uncaught.push(error)
  process.on('unhandledRejection', onUncaught)
  try {
    const net = new SimNet(chance.for('net'), sabotage)
    const world = { folder, time, chance, lab, locks, bench, plan, spawn, tell, meet, sabotage, net }
    if (plan.agent) agents = new AgentWorld(plan.agent, world)
    agents?.start()
    const runs = plan.runs.map(planned => new SimRun(planned, world))
    for (const run of runs) time.after(run.planned.startMs, () => run.start())
    const isOver = (): boolean => runs.every(run => run.isOver) && agents?.isOver !== false
    let ended = await time.pass(isOver, BUDGET_MS)
    if (ended === 'over') {
      await agents?.rest()
      const untilMs = time.nowMs + AFTERMATH_MS
      time.after(AFTERMATH_MS, () => undefined)
      ended = (await time.pass(() => time.nowMs >= untilMs, BUDGET_MS + 2 * AFTERMATH_MS)) === 'late' ? 'late' : 'over'
    }
    const { errands = [], watch } = agents ?? {}
    return {
      ...{ plan, folder, lab, runs, locks, errands, met, trespasses, events, ended, uncaught },
      complaints: watch?.complaints ?? [],
      left: watch?.parking.leaving ?? new Set<string>(),
      tookMs: time.nowMs,
    }
  } finally {
    process.off('unhandledRejection', onUncaught)
  }
}
