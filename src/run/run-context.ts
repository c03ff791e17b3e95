import { basename } from 'node:path'
import { asFault, type Fault } from '../base/fault.ts'
import type { FaultClass } from '../base/fault-codes.ts'
import type { Log } from '../base/log.ts'
import type { Clock } from '../base/time.ts'
import type { Host } from '../agent/host.ts'
import type { Bench } from '../bench/load.ts'
import type { ObtainOptions } from '../image/obtain.ts'
import { blamesOf } from '../model/blames.ts'
import type { Reruns } from '../model/cell.ts'
import type { NewEvent, RunEvent, Stage } from '../model/event.ts'
import type { KnownIssue } from '../model/known-issue.ts'
import type { TimesOf } from './budgets.ts'
import type { EventLog } from './event-log.ts'
import type { Plan } from './plan.ts'
import type { RunMeans } from './run-means.ts'

export interface RunOptions {
  readonly bench: Bench
  readonly plan: Plan
  /** How images are fetched, and whose signatures count. */
  readonly images: ObtainOptions
  readonly grep?: string
  /** Failed tests are run again to see whether they repeat; `aba`: also with the golden image, and on another board. */
  readonly confirm: boolean | 'aba'
  /** Boards that do not boot are tried with a golden image: always, never, or where they are hardware. */
  readonly diagnose: boolean | 'hardware'
  /** Failures somebody has taken on: while open they are no reason to exit with 1. */
  readonly issues: readonly KnownIssue[]
  /** Features whose ❌ on a board type a pass of an image of that line would lift. */
  readonly doubted: (type: string, line: string | null, twin: boolean) => ReadonlySet<string>
  /** Whether an image once passed a feature, as far as anybody knows. */
  readonly passedBefore?: (feature: string, sha256: string) => Promise<boolean>
  readonly leaseWaitMs: number
  /** How long boots took in earlier runs; absent: nothing is learned. */
  readonly timesOf?: TimesOf
  /** See `LeaseOptions.priority`. */
  readonly priority?: number
  readonly reportDir: string
  readonly command: readonly string[]
  readonly version: string
  readonly clock: Clock
  readonly openLog: (path: string) => Log
  readonly signal: AbortSignal
  readonly onEvent: (event: RunEvent) => void
  readonly means?: RunMeans
}

/** What the boards of a run share: the log, the signal that stops them all, the agent's socket. */
export class RunContext {
  readonly options: RunOptions
  readonly folder: string
  readonly signal: AbortSignal
  readonly log: Log
  /** Every board that is or was part of the run. */
  readonly taken: Set<string>
  /** Boards that have their golden image now, to compare with: what that does is not the doing of the image under test. */
  readonly comparing = new Set<string>()
  readonly #events: EventLog
  readonly #stop = new AbortController()
  /** Of what stopped the run, which may not have reached the log. */
  readonly #faults: FaultClass[] = []
  #served: Promise<{ socketPath: string } & AsyncDisposable> | undefined

  constructor(options: RunOptions, events: EventLog, folder: string, log: Log) {
    this.options = options
    this.folder = folder
    this.log = log.child({ run: basename(folder) })
    this.#events = events
    this.taken = new Set(options.plan.runs.map(({ board }) => board.name))
    this.signal = AbortSignal.any([options.signal, this.#stop.signal])
  }

  /** Logs an event. A log that cannot be written stops the run, once. */
  readonly emit = (event: NewEvent): void => {
    const { type, ...rest } = event
    if (type !== 'progress') this.log.info(rest, type)
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

  /** `found`: what looking again, or somebody who knows of it, says of the fault. */
  fail(board: string | null, error: unknown, stage?: Stage, found: { known?: string; reruns?: Reruns } = {}): void {
    const fault = asFault(error)
    this.log.error({ board, fault: fault.record(), err: fault.cause }, 'a board failed')
    const more = { ...(stage && { stage }), ...found }
    this.emit({ type: 'fault', board, fault: fault.record(), blame: fault.class, ...more })
  }

  /** The agent's socket, opened at first need: opening it costs a module load that power-on need not wait for. */
  async serve(host: Host): Promise<string> {
    this.#served ??= host.serve()
    return (await this.#served).socketPath
  }

  async close(): Promise<void> {
    const served = await this.#served?.catch(() => undefined)
    await served?.[Symbol.asyncDispose]()
  }

  get run(): string {
    return basename(this.folder)
  }

  /** The log so far. */
  get events(): readonly RunEvent[] {
    return this.#events.events
  }

  /** Everybody's fault so far. */
  get blames(): FaultClass[] {
    return [...this.#faults, ...blamesOf(this.events)]
  }
}
