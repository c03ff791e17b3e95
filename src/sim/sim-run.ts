import { writeSync } from 'node:fs'
import { basename, join } from 'node:path'
import { TRUSTED } from '../agent/caller.ts'
import { hostOf, OwnHost, type HostMeans } from '../agent/host.ts'
import { answering } from '../agent/serve.ts'
import { Fault } from '../base/fault.ts'
import { silentLog } from '../base/log.ts'
import { systemRandom, type Random } from '../base/random.ts'
import type { Bench } from '../bench/load.ts'
import type { RunEvent } from '../model/event.ts'
import type { RunnerMessage } from '../model/runner-message.ts'
import { imageMeans } from '../run/images.ts'
import { plan } from '../run/plan.ts'
import type { RunMeans } from '../run/run-means.ts'
import { run, type RunOutcome } from '../run/run.ts'
import { noSpace, simFiles } from './host/disk.ts'
import { guard } from './host/guardian.ts'
import { writeImage } from './host/image.ts'
import type { SimLocks } from './host/locks.ts'
import type { SimProcess } from './host/process.ts'
import type { Chance } from './lab/chance.ts'
import type { FaultKind, ImageContent } from './lab/faults.ts'
import type { Lab } from './lab/lab.ts'
import { callerOver } from './net/caller-over.ts'
import type { SimNet } from './net/net.ts'
import { strikeClient } from './net/strike.ts'
import type { Sabotage } from './sabotage.ts'
import type { PlannedSimRun, SeedPlan } from './seed.ts'
import { SIM_FEATURES } from './suite/features.ts'
import { SimTests } from './suite/runner.ts'
import type { VirtualTime } from './time/virtual-time.ts'

/** How long a guardian lets whoever was killed come back. */
const GUARDIAN_GRACE_MS = 1000
/** By when a board is off whose run was killed, or somebody else's. */
const PARKED_WITHIN_MS = 10_000

export interface World {
  readonly folder: string
  readonly time: VirtualTime
  readonly chance: Chance
  readonly lab: Lab
  readonly locks: SimLocks
  readonly bench: Bench
  readonly plan: SeedPlan
  readonly sabotage: Sabotage
  readonly net: SimNet
  spawn(name: string): SimProcess
  tell(who: string, text: string): void
  meet(kind: FaultKind, who: string): void
}

/** One `hil run` of a seed, in a process of its own. */
export class SimRun {
  readonly planned: PlannedSimRun
  readonly process: SimProcess
  readonly events: RunEvent[] = []
  readonly reportDir: string
  /** When it was killed, if it was. */
  killedAtMs: number | undefined
  startedAtMs = 0
  endedAtMs: number | undefined
  outcome: RunOutcome | undefined
  /** Boards that were on and nobody's a while after it was killed. */
  readonly leftOn: string[] = []
  /** What it threw, which no run should. */
  failure: Error | undefined
  /** Which tests told of which status, whatever became of the messages. */
  readonly told: { board: string; title: string; status: string }[] = []
  readonly #world: World
  readonly #chance: Chance
  readonly #interrupt = new AbortController()
  readonly #testsKilled = new AbortController()
  #inUse: readonly string[] = []
  /** Those of them that a guardian knows of. */
  #watched: readonly string[] = []
  #isLogFull = false
  readonly #lossy: { readonly kind: 'messages-lost' | 'messages-doubled'; left: number }[] = []

  constructor(planned: PlannedSimRun, world: World) {
    this.planned = planned
    this.#world = world
    this.#chance = world.chance.for(planned.name)
    this.process = world.spawn(planned.name)
    this.reportDir = join(world.folder, planned.name)
  }

  get isOver(): boolean {
    return this.killedAtMs !== undefined || this.endedAtMs !== undefined
  }

  /** The folder of its results; undefined before it has one. */
  get folder(): string | undefined {
    const start = this.events.find(event => event.type === 'run-started')
    return start && join(this.reportDir, start.run)
  }

  start(): void {
    this.startedAtMs = this.#world.time.nowMs
    this.#world.tell(this.planned.name, `hil run ${this.planned.boards.join(' ')}`)
    for (const fault of this.planned.faults)
      this.#world.time.after(fault.atMs - this.startedAtMs, () => this.#strike(fault))
    void this.#toItsEnd()
  }

  async #toItsEnd(): Promise<void> {
    try {
      this.outcome = await this.#run()
      this.#world.tell(this.planned.name, `ends with ${this.outcome.exitCode}`)
    } catch (error) {
      this.failure = error instanceof Error ? error : new Error(String(error))
    } finally {
      this.endedAtMs = this.#world.time.nowMs
    }
  }

  async #run(): Promise<RunOutcome> {
    const { bench, sabotage } = this.#world
    const { clock } = this.process
    const image = join(this.#world.folder, `${this.planned.name}.img`)
    const version = `26.05.${this.planned.name}`
    const content: ImageContent = { version, defects: this.planned.defects }
    writeImage(image, content, { name: this.planned.name, version })
    const request = { devices: this.planned.boards, features: [], images: { debug: image }, flash: true }
    const signal = this.#interrupt.signal
    const planned = await plan(bench, SIM_FEATURES, request, signal)
    const random: Random = sabotage.forgetsSeed ? systemRandom : bytes => this.#chance.bytes(bytes)
    return run({
      bench,
      plan: planned,
      images: imageMeans([], { clock, signal, progress: () => undefined, note: () => undefined }),
      confirm: this.planned.confirm,
      issues: [],
      diagnose: this.planned.diagnose ?? false,
      doubted: () => new Set(),
      leaseWaitMs: this.planned.waitMs,
      reportDir: this.reportDir,
      command: ['run', ...this.planned.boards],
      version: '0.0.0',
      clock,
      openLog: () => silentLog,
      signal,
      onEvent: event => void this.events.push(event),
      means: this.#means(random),
    })
  }

  #means(random: Random): RunMeans {
    const { net, sabotage } = this.#world
    const board: HostMeans['board'] = {
      random,
      openFile: simFiles({ isFull: path => this.#isFull(path), losesBytes: sabotage.losesBytes }, this.process),
    }
    return {
      random,
      holdRun: async () => ({ [Symbol.asyncDispose]: async () => undefined }),
      write: (fd, bytes, from, length, position) => {
        if (!this.#isLogFull) return writeSync(fd, bytes, from, length, position)
        this.#world.meet('log-disk-full', this.planned.name)
        throw noSpace()
      },
      hostOf: async (name, options) => {
        const host = await hostOf(name, { ...options, means: this.#hostMeans(random, board) })
        if (!(host instanceof OwnHost)) return host
        const socketPath = `${this.planned.name}.sock`
        const { agent } = host
        net.listen(socketPath, { process: this.process, answer: answering({ agent, callerOf: () => TRUSTED }) })
        return {
          lease: async (unit, options) => await host.lease(unit, options),
          stateDirOf: unit => host.stateDirOf(unit),
          healthChanged: () => host.healthChanged(),
          serve: async () => ({ socketPath, [Symbol.asyncDispose]: async () => net.deafen(socketPath) }),
        }
      },
      startTests: options =>
        new SimTests(options, {
          clock: this.process.clock,
          chance: this.#chance.for(`tests of ${options.env['HIL_BOARD']} ${basename(options.outputDir)}`),
          connect: socketPath => callerOver(net.connect(socketPath, this.process)),
          onTheWay: message => this.#onTheWay(message, options.env['HIL_BOARD'] ?? ''),
          killed: this.#testsKilled.signal,
        }),
    }
  }

  /** What becomes of a message from the tests to the run. */
  #onTheWay(message: RunnerMessage, board: string): readonly RunnerMessage[] {
    const { meet, sabotage } = this.#world
    if (message.type === 'test') this.told.push({ board, title: message.title, status: message.status })
    const sent = sabotage.message?.(message) ?? message
    const lossy = this.#chance.pick(this.#lossy.filter(({ left }) => left > 0))
    if (!lossy || message.type === 'end') return [sent]
    lossy.left--
    meet(lossy.kind, this.planned.name)
    return lossy.kind === 'messages-lost' ? [] : [sent, structuredClone(sent)]
  }

  #hostMeans(random: Random, board: HostMeans['board']): HostMeans {
    const { locks, net } = this.#world
    return {
      ...{ random, locks: locks.for(this.process), ...(board && { board }) },
      connect: (at, onLost) => net.connect(at as string, this.process, onLost),
      guardian: () => {
        let isOver = false
        return {
          watch: boards => {
            this.#inUse = boards.map(({ name }) => name)
            if (!isOver) this.#watched = this.#inUse
          },
          [Symbol.asyncDispose]: async () => void (isOver = true),
        }
      },
    }
  }

  #isFull(path: string): boolean {
    const { plan, time, meet } = this.#world
    const board = plan.boards.find(({ name }) => path.includes(`/${name}/`))
    const fault = board?.faults.find(({ kind }) => kind === 'recording-disk-full')
    if (!board || !fault || time.nowMs < fault.atMs) return false
    meet('recording-disk-full', board.name)
    return true
  }

  #strike({ kind, amount }: PlannedSimRun['faults'][number]): void {
    if (this.isOver) return
    const { tell, meet, time } = this.#world
    switch (kind) {
      case 'connection-cut':
      case 'connection-half-open':
      case 'calls-delayed':
      case 'client-stands-still':
        if (strikeClient({ kind, amount }, this.process, this.#world)) meet(kind, this.planned.name)
        return
      case 'log-disk-full':
        tell(this.planned.name, 'the disk of its log is full')
        this.#isLogFull = true
        return
      case 'messages-lost':
      case 'messages-doubled':
        this.#lossy.push({ kind, left: amount })
        return
      case 'tests-killed':
        if (this.told.length === 0) return
        tell(this.planned.name, 'the process of its tests is killed')
        meet(kind, this.planned.name)
        return this.#testsKilled.abort()
      case 'interrupted':
        tell(this.planned.name, 'Ctrl-C')
        meet(kind, this.planned.name)
        return this.#interrupt.abort(new Fault('cancelled/interrupt', { expected: 'to finish', seen: 'SIGINT' }))
      case 'run-killed':
        tell(this.planned.name, 'kill -9')
        meet(kind, this.planned.name)
        this.killedAtMs = time.nowMs
        this.process.kill()
        this.#world.locks.drop(this.process)
        this.#world.net.drop(this.process)
        if (!this.#world.sabotage.sleepingGuardian)
          time.after(GUARDIAN_GRACE_MS, () => {
            void guard(this.#world, `guardian of ${this.planned.name}`, this.#watched)
          })
        time.after(PARKED_WITHIN_MS, () => this.#lookWhatIsOn())
    }
  }

  #lookWhatIsOn(): void {
    const { lab, locks } = this.#world
    this.leftOn.push(...this.#inUse.filter(name => lab.board(name).isOn && locks.holderOf(name) === undefined))
  }
}
