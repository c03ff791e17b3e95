import { dirname } from 'node:path'
import { asFault, Fault } from '../base/fault.ts'
import type { Log } from '../base/log.ts'
import type { Random } from '../base/random.ts'
import { humanTime } from '../base/text.ts'
import type { Clock } from '../base/time.ts'
import { holderOf, type Holder, type LockSpace } from '../bench/lock.ts'
import type { Board } from '../bench/load.ts'
import { Agent, type AgentMeans, type Lease, type LeaseOptions } from './agent.ts'
import { AGENT_LOCK } from './bench-agent.ts'
import type { connect } from './client.ts'
import { Guardian } from './guardian/guardian.ts'
import { mustBeSound } from './health/quarantined.ts'
import { keptHolds, type KeptHold } from './leases/kept-holds.ts'
import { RemoteHost } from './remote/remote-host.ts'

/** Where a run's boards are open: in the agent of the bench, or in the run's own process. */
export interface Host {
  lease(board: Board, options: LeaseOptions): Promise<Lease>
  /** The socket on which its agent answers to the run's tests; closed when disposed, where it is the run's own. */
  serve(): Promise<{ readonly socketPath: string } & AsyncDisposable>
  /** Where a board that was asked for, and perhaps never opened, has its state: its agent may have another folder than this user. */
  stateDirOf(board: Board): string
  /** What is known of a board's health was changed on the disk: whoever gives boards out looks at it. Never throws. */
  healthChanged(board: Board): Promise<void>
}

/** Whoever switches boards off when this process is killed. */
type Watcher = Pick<Guardian, 'watch' | typeof Symbol.asyncDispose>
type NewWatcher = () => Watcher

/** How long an agent that has just started may need until it answers. */
const STARTING_LIMIT_MS = 5000
const POLL_MS = 100
const HOLD_POLL_MS = 1000
/** Long enough for the next run to have the board, which then need not be switched off twice. */
const OWN_GRACE_MS = 1000

/** What a run takes of its host: the host's own, unless a simulation brings others. */
export interface HostMeans extends AgentMeans {
  readonly locks: LockSpace
  readonly connect: typeof connect
  readonly random: Random
  /** Makes whoever switches boards off that a killed run of its own left on. */
  readonly guardian: NewWatcher | undefined
}

interface HostOptions {
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
  /** Boards are to be switched off even when this process is killed. */
  readonly isGuarded?: boolean
  readonly means?: HostMeans
}

/** The agent of a bench where one is running, else one of this process. */
export async function hostOf(bench: string, { clock, log, signal, isGuarded, means }: HostOptions): Promise<Host> {
  const find = (): Promise<string | undefined> => agentOf(bench, clock, signal, means?.locks)
  const socketPath = await find()
  if (socketPath !== undefined) return new RemoteHost(socketPath, find, clock, means)
  if (means) return new OwnHost(new Agent(clock, log, undefined, means), means.guardian, means.locks)
  const guardian = isGuarded ? (): Guardian => new Guardian(OWN_GRACE_MS) : undefined
  return new OwnHost(new Agent(clock, log), guardian)
}

/** A run that has its boards itself. */
export class OwnHost implements Host {
  readonly agent: Agent
  readonly #newGuardian: NewWatcher | undefined
  readonly #locks: LockSpace | undefined
  readonly #leases = new Set<Lease>()
  /** As long as any board is in use. */
  #guardian: Watcher | undefined

  /** `guardian` makes one that is told which boards are in use. */
  constructor(agent: Agent, guardian: NewWatcher | undefined, locks?: LockSpace) {
    this.agent = agent
    this.#locks = locks
    this.#newGuardian = guardian
  }

  /** Errors: `infrastructure/board-quarantined`, but for who mends it; `lease/held`; whatever opening it says. */
  async lease(board: Board, options: LeaseOptions): Promise<Lease> {
    if (options.mends !== true) mustBeSound(board)
    const waitMs = await notHeld(board, options, this.agent.clock, this.#locks)
    const lease = await this.agent.lease(board, { ...options, waitMs })
    this.#leases.add(lease)
    this.#guardian ??= this.#newGuardian?.()
    this.#tellGuardian()
    const close = lease[Symbol.asyncDispose].bind(lease)
    return Object.assign(lease, {
      [Symbol.asyncDispose]: async () => {
        await close()
        this.#leases.delete(lease)
        this.#tellGuardian()
        if (this.#leases.size > 0) return
        // The next board may be leased before this one is gone: it gets one of its own.
        const guardian = this.#guardian
        this.#guardian = undefined
        await guardian?.[Symbol.asyncDispose]()
      },
    })
  }

  #tellGuardian(): void {
    this.#guardian?.watch([...this.#leases].map(({ board }) => board))
  }

  /** Loaded at first need: that costs what power-on need not wait for. */
  async serve(): Promise<Awaited<ReturnType<Host['serve']>>> {
    return (await import('./serve.ts')).serve(this.agent)
  }

  stateDirOf({ stateDir }: Board): string {
    return stateDir
  }

  /** Whoever has the board next reads it. */
  async healthChanged(): Promise<void> {}
}

/**
 * Waits while somebody holds a board by an agent that is not running: what it promised them counts. Gives back how long may be
 * waited still. A book that cannot be read is told, and keeps nobody from a board. Errors: `lease/held`, after `waitMs` or when
 * the agent is there, which has a queue.
 */
async function notHeld(board: Board, options: LeaseOptions, clock: Clock, locks?: LockSpace): Promise<number> {
  const { holder, waitMs, signal, listener } = options
  const until = clock.ticksMs() + waitMs
  for (let isTold = false; ; isTold = true) {
    const hold = holdOf(board, clock, listener)
    const leftMs = Math.max(0, until - clock.ticksMs())
    if (!hold || hold.user === holder.user) return leftMs
    const seen = `it is held by ${hold.user} (${hold.purpose}) until ${humanTime(hold.untilMs)}`
    const expected = `${board.name} to be free`
    if ((await holderOf(board.bench, AGENT_LOCK, locks)) !== undefined)
      throw new Fault('lease/held', {
        expected,
        seen,
        next: 'start it again: the agent of the bench is there now, and has a queue',
      })
    const away = `${seen}, by an agent that is not running`
    if (leftMs === 0)
      throw new Fault('lease/held', {
        expected,
        seen: away,
        next: 'start the agent: it knows whether that still holds',
      })
    if (!isTold) listener.note(`waits: ${away}`)
    await clock.sleep(HOLD_POLL_MS, signal)
  }
}

function holdOf({ name, stateDir }: Board, clock: Clock, { note }: LeaseOptions['listener']): KeptHold | undefined {
  try {
    return keptHolds(dirname(stateDir), clock).get(name)
  } catch (error) {
    note(`whether somebody holds ${name} is not known: ${asFault(error).seen}`)
    return undefined
  }
}

/**
 * Where the agent of a bench answers; undefined: it has none. Errors: `infrastructure/agent-gone` for one that does not answer,
 * `configuration/no-agent` for one that does not get to its start.
 */
export async function agentOf(
  bench: string,
  clock: Clock,
  signal: AbortSignal,
  locks?: LockSpace,
): Promise<string | undefined> {
  const until = clock.ticksMs() + STARTING_LIMIT_MS
  for (;;) {
    const holder = await holderOf(bench, AGENT_LOCK, locks)
    if (holder === undefined) return undefined
    if (holder?.agentSocket !== undefined) return holder.agentSocket
    if (clock.ticksMs() >= until) throw silent(bench, holder)
    await clock.sleep(POLL_MS, signal)
  }
}

function silent(bench: string, holder: Holder | null): Fault {
  const expected = `the agent of bench ${bench} to answer`
  const forLong = `for ${STARTING_LIMIT_MS / 1000} s`
  return holder
    ? new Fault('configuration/no-agent', {
        expected,
        seen: `pid ${holder.pid} has been starting ${forLong}`,
        next: 'look at its log, or end it',
      })
    : new Fault('infrastructure/agent-gone', {
        expected,
        seen: `it is there, and said nothing ${forLong}`,
        next: 'see whether it is stopped, or its host too busy; what it has stays as it is',
      })
}
