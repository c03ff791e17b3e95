import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { asFault, Fault } from '../base/fault.ts'
import type { FaultClass } from '../base/fault-codes.ts'
import type { Log } from '../base/log.ts'
import type { Clock } from '../base/time.ts'
import { Agent, type Lease } from '../agent/agent.ts'
import { describeHolder, thisProcess } from '../bench/lock.ts'
import type { Bench } from '../bench/load.ts'
import type { NewEvent, RunEvent, Stage } from '../model/event.ts'
import type { Feature } from '../model/feature.ts'
import type { Image } from '../model/image.ts'
import { exitCodeOf } from '../model/verdict.ts'
import { EventLog } from './event-log.ts'
import { Execution } from './execute.ts'
import { inspectImage } from './image-file.ts'
import type { Plan, PlannedRun } from './plan.ts'
import { provision, stage, type ProvisionMeans } from './provision.ts'
import { mustSelect } from './selection.ts'
import { rememberStages } from './stage-times.ts'

export interface RunOptions {
  readonly bench: Bench
  readonly plan: Plan
  readonly features: readonly Feature[]
  readonly grep?: string
  readonly leaseWaitMs: number
  readonly reportDir: string
  readonly command: readonly string[]
  readonly version: string
  readonly clock: Clock
  readonly openLog: (path: string) => Log
  readonly signal: AbortSignal
  readonly onEvent: (event: RunEvent) => void
}

export interface RunOutcome {
  readonly run: string
  readonly folder: string
  readonly events: readonly RunEvent[]
  readonly exitCode: number
}

/** One execution of a plan: images checked, then every board leased, provisioned, tested and released, all at once. */
export async function run(options: RunOptions): Promise<RunOutcome> {
  const { clock } = options
  const startedMs = clock.ticksMs()
  const images = await inspectImages(options.plan.runs, options.signal)
  if (options.grep !== undefined) await mustSelect(options.plan, options.grep, options.reportDir)
  const id = runId(clock)
  const folder = join(options.reportDir, id)
  using log = new EventLog(join(folder, 'run.jsonl'), clock, [options.onEvent])
  const context = new RunContext(options, log, folder, options.openLog(join(folder, 'hil.log')))
  try {
    log.emit(startEvent(options, id, images))
    const agent = new Agent(clock, context.log)
    await Promise.all(options.plan.runs.map(planned => runBoard(planned, images.get(planned) ?? null, agent, context)))
  } catch (error) {
    context.fail(null, error)
  } finally {
    await context.close()
  }
  const exitCode = exitCodeOf(context.blames(log.events))
  context.emit({ type: 'run-ended', exitCode, durationMs: clock.ticksMs() - startedMs })
  rememberStages(options.bench.name, log.events)
  return { run: id, folder, events: log.events, exitCode }
}

/** Takes one board through a run. Never throws: what goes wrong on one board is that board's event. */
async function runBoard(planned: PlannedRun, image: Image | null, agent: Agent, context: RunContext): Promise<void> {
  const { options } = context
  const board = planned.board.name
  const folder = join(context.folder, board)
  let current: Stage = 'lease'
  const emit = (event: NewEvent): void => {
    if (event.type === 'stage') current = event.stage
    context.emit(event)
  }
  const tracked: ProvisionMeans = { clock: options.clock, emit, signal: context.signal }
  try {
    const lease = await stage(tracked, board, 'lease', () => takeLease(planned, agent, context, folder))
    try {
      await provisionAndTest(lease, planned, image, agent, context, tracked)
    } catch (error) {
      // Now, while it is known how far the board came.
      context.fail(board, error, current)
    } finally {
      await stage(tracked, board, 'release', async () => lease[Symbol.asyncDispose]())
    }
  } catch (error) {
    context.fail(board, error, current)
  }
}

async function provisionAndTest(
  lease: Lease,
  planned: PlannedRun,
  image: Image | null,
  agent: Agent,
  context: RunContext,
  means: ProvisionMeans,
): Promise<void> {
  const { options, signal } = context
  const board = planned.board.name
  const over = new AbortController()
  const provisioned = provision(lease, image, planned.variant, means)
  // The runner starts while the board flashes and boots; a board that fails first needs none.
  const tests = context.serve(agent).then(socketPath => {
    if (lease.live.vitals.trouble || over.signal.aborted) return undefined
    return new Execution({
      board,
      epoch: lease.epoch,
      variant: planned.variant,
      features: planned.features,
      ...(options.grep !== undefined && { grep: options.grep }),
      socketPath,
      folder: join(context.folder, board),
      emit: means.emit,
    })
  })
  let ready = false
  try {
    tests.catch(() => undefined)
    await provisioned
    ready = true
    lease.ready.resolve()
    await stage(means, board, 'test', async () => {
      const execution = await tests
      await execution?.finish(signal)
      // What struck between two tests no test has told of.
      const trouble = await lease.live.trouble()
      if (trouble && !execution?.hasTold(trouble)) throw trouble
    })
  } finally {
    over.abort()
    const execution = await tests.catch(() => undefined)
    if (!ready) execution?.abandon()
    await execution?.[Symbol.asyncDispose]()
  }
}

async function takeLease(planned: PlannedRun, agent: Agent, context: RunContext, folder: string): Promise<Lease> {
  const { options } = context
  const board = planned.board.name
  return agent.lease(planned.board, {
    holder: { ...thisProcess(options.command, options.clock), recordingPath: join(folder, 'console.log') },
    waitMs: options.leaseWaitMs,
    signal: context.signal,
    recordingPath: join(folder, 'console.log'),
    listener: {
      trusted: trust => context.emit({ type: 'trusted', board, trust }),
      note: text => context.emit({ type: 'note', board, text }),
      broken: fault => context.stop(fault),
    },
    onWait: holder =>
      context.emit({ type: 'note', board, text: `waits for ${holder ? describeHolder(holder) : 'its holder'}` }),
  })
}

/** What the boards of a run share: the log, the signal that stops them all, the agent's socket. */
class RunContext {
  readonly options: RunOptions
  readonly folder: string
  readonly signal: AbortSignal
  readonly log: Log
  readonly #events: EventLog
  readonly #stop = new AbortController()
  readonly #faults: FaultClass[] = []
  #served: Promise<{ socketPath: string } & AsyncDisposable> | undefined

  constructor(options: RunOptions, events: EventLog, folder: string, log: Log) {
    this.options = options
    this.folder = folder
    this.log = log
    this.#events = events
    this.signal = AbortSignal.any([options.signal, this.#stop.signal])
  }

  /** Logs an event. A log that cannot be written stops the run, once. */
  readonly emit = (event: NewEvent): void => {
    try {
      this.#events.emit(event)
    } catch (error) {
      this.stop(asFault(error))
    }
  }

  /** Stops every board of the run for one reason. */
  stop(fault: Fault): void {
    if (this.#stop.signal.aborted) return
    this.#faults.push(fault.class)
    this.#stop.abort(fault)
    this.log.error({ fault: fault.record() }, 'the run is stopped')
  }

  fail(board: string | null, error: unknown, stage?: Stage): void {
    const fault = asFault(error)
    this.#faults.push(fault.class)
    this.log.error({ board, fault: fault.record(), err: fault.cause }, 'a board failed')
    this.emit({ type: 'fault', board, fault: fault.record(), blame: fault.class, ...(stage && { stage }) })
  }

  /** The agent's socket, opened at first need: opening it costs a module load that power-on need not wait for. */
  async serve(agent: Agent): Promise<string> {
    this.#served ??= import('../agent/serve.ts').then(({ serve }) => serve(agent))
    return (await this.#served).socketPath
  }

  async close(): Promise<void> {
    const served = await this.#served?.catch(() => undefined)
    await served?.[Symbol.asyncDispose]()
  }

  /** Everybody's fault so far. */
  blames(events: readonly RunEvent[]): FaultClass[] {
    const tests = events.flatMap(event =>
      event.type === 'test' && event.result.verdict !== 'miss' ? (event.result.blame ?? []) : [],
    )
    return [...this.#faults, ...tests]
  }
}

function startEvent(options: RunOptions, run: string, images: ReadonlyMap<PlannedRun, Image>): NewEvent {
  return {
    type: 'run-started',
    run,
    version: options.version,
    command: options.command,
    bench: options.bench.name,
    boards: options.plan.runs.map(planned => ({
      board: planned.board.name,
      type: planned.board.type.name,
      twin: planned.board.spec.twin,
      image: images.get(planned) ?? null,
      features: planned.features.map(feature => feature.id),
    })),
    left: options.plan.left,
  }
}

/** Every image of a plan, looked at once. Errors: all complaints at once. */
async function inspectImages(runs: readonly PlannedRun[], signal: AbortSignal): Promise<Map<PlannedRun, Image>> {
  const inspected = new Map<string, Promise<Image>>()
  for (const { imagePath, variant } of runs)
    if (imagePath !== null && !inspected.has(imagePath))
      inspected.set(imagePath, inspectImage(imagePath, variant, signal))
  const results = await Promise.allSettled(inspected.values())
  const faults = results.flatMap(result => (result.status === 'rejected' ? [asFault(result.reason)] : []))
  if (faults.length === 1) throw faults[0]
  if (faults.length > 1)
    throw new Fault(faults[0]!.code, {
      expected: 'good images',
      seen: `${faults.length} that are not`,
      evidence: faults.map(fault => fault.message),
    })
  const images = new Map<PlannedRun, Image>()
  for (const planned of runs)
    if (planned.imagePath !== null) images.set(planned, await inspected.get(planned.imagePath)!)
  return images
}

/** `20261122-154102-3f9a`: sorts by time, unique among the runs of a second. */
function runId(clock: Clock): string {
  const stamp = new Date(clock.nowMs()).toISOString().replaceAll(/[-:]/g, '').replace('T', '-').slice(0, 15)
  return `${stamp}-${randomBytes(2).toString('hex')}`
}
