import { join } from 'node:path'
import type { AuditFiles } from '../../agent/audit-files.ts'
import { BenchAgent } from '../../agent/bench-agent.ts'
import { TRUSTED } from '../../agent/caller.ts'
import { changeHealth } from '../../agent/health/health-file.ts'
import { HealthKeeper } from '../../agent/health/keeper.ts'
import { readBook } from '../../agent/leases/read-book.ts'
import { answering } from '../../agent/serve.ts'
import { silentLog } from '../../base/log.ts'
import type { Clock } from '../../base/time.ts'
import { afterCheck } from '../../model/health.ts'
import { SimBookDisk } from '../host/book-disk.ts'
import { guard } from '../host/guardian.ts'
import { simFiles } from '../host/disk.ts'
import type { SimProcess } from '../host/process.ts'
import type { AgentFault, Planned } from '../lab/faults.ts'
import type { World } from '../sim-run.ts'
import type { PlannedAgent } from './plan.ts'
import { spoil } from './spoil.ts'
import type { LeaseWatch } from './watch.ts'

export const SOCKET = 'agent.sock'
/** How long a killed agent may take to be started again before its boards are switched off without it. */
const GUARDIAN_GRACE_MS = 2000
/** What starts it again when it could not begin. */
const RETRY_MS = 1000
/** After this long somebody who waits for a drained agent loses patience. */
const DRAIN_LIMIT_MS = 60_000
const CHECK_MS = 3000
const MOST_STEPS = 6
const idle = async (): Promise<void> => undefined
/** Nobody reads it. */
const NO_AUDIT: AuditFiles = {
  open: () => ({ sizeBytes: 0, add: idle, sync: idle, close: idle }),
  putAside: idle,
  sweep: idle,
}

/** `hil agent` of a seed, in one process after the other. */
export class SimAgent {
  readonly disk: SimBookDisk
  readonly #world: World
  readonly #planned: PlannedAgent
  readonly #watch: LeaseWatch
  #process: SimProcess | undefined
  #running: BenchAgent | undefined
  #keeper: HealthKeeper | undefined
  #inUse: readonly string[] = []
  #starts = 0
  #boots = 0
  readonly #book: string
  #isWanted = true
  /** What it threw, which no agent should. */
  failure: unknown

  constructor(planned: PlannedAgent, world: World, watch: LeaseWatch) {
    this.#planned = planned
    this.#world = world
    this.#watch = watch
    this.#book = join(world.folder, 'leases.jsonl')
    this.disk = new SimBookDisk(world.chance.for('book disk'), () => world.time.nowMs)
    this.disk.lies = world.sabotage.lyingDisk === true
    this.disk.isQuiet = world.sabotage.quietDisk === true
  }

  /** Undefined: there is none at present. */
  get running(): BenchAgent | undefined {
    return this.#running
  }

  get process(): SimProcess | undefined {
    return this.#process
  }

  get isOver(): boolean {
    return !this.#isWanted && this.#process === undefined
  }

  start(): void {
    void this.#live()
    for (const fault of this.#planned.faults) this.#world.time.after(fault.atMs, () => this.#strike(fault))
  }

  /** Ends it for good. */
  stop(): void {
    this.#isWanted = false
    void this.#end()
  }

  kill(): void {
    const process = this.#process
    if (!process) return
    this.#world.tell('agent', 'kill -9')
    this.#forget(process)
    const boards = this.#inUse
    this.#watch.agentGone('killed', boards)
    if (!this.#world.sabotage.sleepingGuardian)
      this.#world.time.after(GUARDIAN_GRACE_MS, () => void guard(this.#world, `guardian of ${process.name}`, boards))
  }

  async #live(): Promise<void> {
    if (!this.#isWanted || this.#process) return
    const { spawn, time, tell, sabotage } = this.#world
    const process = spawn(`agent-${++this.#starts}`)
    this.#process = process
    tell('agent', 'starts')
    this.#watch.recovered(this.#kept())
    let running: BenchAgent
    try {
      running = await this.#begin(process)
    } catch (error) {
      if (process.killed) return
      tell('agent', `could not start: ${String(error).split('\n')[0]}`)
      this.#forget(process)
      time.after(RETRY_MS, () => void this.#live())
      return
    }
    spoil(running, sabotage)
    this.#watch.attach(running.desk)
    this.#running = running
    this.#keeper = new HealthKeeper({
      agent: running,
      clock: process.clock,
      log: silentLog,
      everyMs: () => undefined,
      check: async ({ stateDir }) => await check(stateDir, process.clock),
    })
    const answer = answering({ agent: running.agent, bench: running, callerOf: () => TRUSTED })
    this.#world.net.listen(SOCKET, { process, answer })
    running.announce(SOCKET)
  }

  async #begin(process: SimProcess): Promise<BenchAgent> {
    const { bench, locks, chance, sabotage } = this.#world
    const { clock } = process
    const random = chance.for(process.name)
    return await BenchAgent.start({
      bench,
      bookPath: this.#book,
      auditFiles: NO_AUDIT,
      holder: { pid: 1000 + this.#starts, user: 'lab', command: 'hil agent', sinceMs: clock.nowMs() },
      clock,
      log: silentLog,
      rules: { ...this.#planned.rules, ...sabotage.rules },
      onBoards: boards => void (this.#inUse = boards.map(({ name }) => name)),
      means: {
        locks: locks.for(process),
        disk: this.disk.for(process),
        time: { bootId: `boot ${this.#boots}`, uptimeMs: () => clock.ticksMs(), stillMs: () => 0 },
        board: { random: bytes => random.bytes(bytes), openFile: simFiles({ isFull: () => false }, process) },
      },
    })
  }

  /** The book as it would be read now. */
  #kept(): ReturnType<typeof readBook> | undefined {
    try {
      return readBook(this.#book, this.disk.reader)
    } catch (error) {
      this.#watch.complain('promises', `the lease book cannot be read: ${String(error).split('\n')[0]}`)
      return undefined
    }
  }

  /** Closes what it has in order, as Ctrl-C has it. */
  async #end(): Promise<void> {
    const process = this.#process
    const running = this.#running
    if (!process || !running) return
    const { net, locks } = this.#world
    this.#running = undefined
    net.drop(process)
    await this.#keeper?.[Symbol.asyncDispose]()
    await running[Symbol.asyncDispose]()
    if (process.killed) return
    this.#watch.agentGone('ended', [])
    if (locks.heldBy(process).length > 0) this.#watch.complain('ending', 'the agent ended and has locks still')
    this.#forget(process)
  }

  #forget(process: SimProcess): void {
    process.kill()
    this.#world.locks.drop(process)
    this.#world.net.drop(process)
    this.#process = undefined
    this.#running = undefined
  }

  #again(afterMs: number): void {
    this.#world.time.after(afterMs, () => void this.#live())
  }

  #strike({ kind, amount }: Planned<AgentFault>): void {
    const { tell, meet, time, net } = this.#world
    const running = this.#running
    const process = this.#process
    if (!running || !process || !this.#isWanted) return
    meet(kind, 'agent')
    switch (kind) {
      case 'agent-killed':
        this.kill()
        return this.#again(amount)
      case 'agent-killed-writing':
        return this.disk.killWithin(this.#world.chance.below(MOST_STEPS), () => {
          this.kill()
          this.#again(amount)
        })
      case 'host-loses-power': {
        tell('agent', 'its host loses power')
        for (const wire of net.wiresOf(process)) wire.mute()
        this.#forget(process)
        this.#watch.agentGone('powerless', [])
        this.#watch.promises.powerLost(this.disk.atRisk(process))
        this.disk.losePower()
        this.#boots++
        return this.#again(amount)
      }
      case 'agent-interrupted':
        tell('agent', 'Ctrl-C')
        return void this.#end().then(() => this.#again(amount))
      case 'agent-drained':
        tell('agent', 'SIGTERM')
        return void this.#drain(running, process).then(() => this.#again(amount))
      case 'agent-stands-still':
        tell('agent', `stands still for ${Math.round(amount)} ms`)
        this.#watch.stoodStill(time.nowMs + amount)
        return process.standStill(amount)
      case 'book-disk-full':
        this.disk.isFull = true
        return void time.after(amount, () => (this.disk.isFull = false))
      case 'book-disk-slow':
        this.disk.slowMs = amount
        return void time.after(3 * amount, () => (this.disk.slowMs = 0))
      case 'book-disk-fails':
        this.disk.refusesSync = true
        return void time.after(amount, () => (this.disk.refusesSync = false))
      case 'board-quarantined':
      case 'lease-taken-away':
        return this.#watch.wantsAdmin(kind, amount)
    }
  }

  async #drain(running: BenchAgent, process: SimProcess): Promise<void> {
    await running.drain(process.clock.timeout(DRAIN_LIMIT_MS)).catch(() => undefined)
    if (this.#process === process) await this.#end()
  }
}

/** A health check that finds nothing. */
async function check(stateDir: string, clock: Clock): Promise<void> {
  await clock.sleep(CHECK_MS)
  const found = { atMs: clock.nowMs(), durationMs: CHECK_MS, ok: true, image: 'golden' }
  changeHealth(stateDir, record => afterCheck(record, found))
}
