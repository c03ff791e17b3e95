import { asFault, Fault } from '../../base/fault.ts'
import { systemRandom } from '../../base/random.ts'
import type { Clock } from '../../base/time.ts'
import type { Board } from '../../bench/load.ts'
import type { Waiting } from '../../model/lease/explain.ts'
import { QUARANTINED } from '../../model/lease/words.ts'
import type { Lease, LeaseOptions } from '../agent.ts'
import { answered, connect, type AgentClient } from '../client.ts'
import { quarantinedFault } from '../health/quarantined.ts'
import { askTelling, urgency } from './ask.ts'
import { RemoteLease } from './remote-lease.ts'

/** How long an agent that went while somebody waits may take to come back: a restart. */
const RETURN_LIMIT_MS = 30_000
const RETURN_POLL_MS = 250

const ID_BYTES = 16

/** What it takes of its host: the host's own, unless a simulation brings others. */
const hostMeans = { connect, random: systemRandom }

/** The boards of a bench whose agent is another process. */
export class RemoteHost {
  readonly #clock: Clock
  readonly #find: () => Promise<string | undefined>
  readonly #means: typeof hostMeans
  #socketPath: string
  /** Where the agent keeps the state of boards, as far as they were asked for. */
  readonly #stateDirs = new Map<string, string>()

  /** `find`: where it answers after a restart. */
  constructor(socketPath: string, find: () => Promise<string | undefined>, clock: Clock, means = hostMeans) {
    this.#means = means
    this.#socketPath = socketPath
    this.#find = find
    this.#clock = clock
  }

  serve(): Promise<{ readonly socketPath: string } & AsyncDisposable> {
    return Promise.resolve({ socketPath: this.#socketPath, [Symbol.asyncDispose]: async () => undefined })
  }

  stateDirOf({ name, stateDir }: Board): string {
    return this.#stateDirs.get(name) ?? stateDir
  }

  /** An agent that does not answer looks when it starts again. */
  async healthChanged({ name }: Board): Promise<void> {
    using client = this.#means.connect(this.#socketPath)
    await answered(client.api.healthChanged.mutate({ board: name })).catch(() => undefined)
  }

  /**
   * Waits for a board in the agent's queue, over a restart of the agent too, and opens it. Under somebody's own hold they
   * need not wait: what they do then is done under it. Errors: `lease/held`, `lease/forbidden`, `infrastructure/agent-gone`,
   * `infrastructure/board-quarantined`, `configuration/agent-access`.
   */
  async lease(board: Board, options: LeaseOptions): Promise<Lease> {
    const id = this.#means.random(ID_BYTES).toString('hex')
    const { holder, signal } = options
    const purpose = `pid ${holder.pid}: ${holder.command}`.slice(0, 500)
    const until = { ms: this.#clock.ticksMs() + options.waitMs }
    for (let lostAtMs: number | undefined; ;) {
      const lost = new AbortController()
      const client = this.#means.connect(this.#socketPath, why => lost.abort(gone(why)))
      try {
        const own = await this.#ownHold(client, board.name, options)
        // It is there: the next time that it goes is another.
        lostAtMs = undefined
        const waitMs = Math.max(0, Math.round(until.ms - this.#clock.ticksMs()))
        const leased = own ?? (await this.#ask(client, { id, purpose, waitMs }, board, options))
        return await RemoteLease.open(
          client,
          board,
          { ...leased, isOwn: own === undefined },
          lost,
          options,
          this.#clock,
        )
      } catch (error) {
        if (signal.aborted) {
          await answered(client.api.leaseRelease.mutate({ id, user: holder.user })).catch(() => undefined)
          client[Symbol.dispose]()
          throw error
        }
        client[Symbol.dispose]()
        // One that starts again has its socket for itself at first.
        const { code } = asFault(error)
        if (code !== 'infrastructure/agent-gone' && code !== 'configuration/agent-access') throw error
        lostAtMs ??= this.#clock.ticksMs()
        await this.#comeBack(lostAtMs + RETURN_LIMIT_MS, error, signal)
      }
    }
  }

  async #ownHold(client: AgentClient, name: string, { holder, mends }: LeaseOptions): Promise<Granted | undefined> {
    const { boards } = await answered(client.api.leaseBook.query())
    const { lease, stateDir, withheld = null } = boards.find(board => board.name === name) ?? {}
    if (stateDir != null) this.#stateDirs.set(name, stateDir)
    if (!lease || lease.tied || lease.user !== holder.user) return undefined
    // Who asks for it is refused by the agent; who has it already does not ask.
    if (mends !== true && withheld?.startsWith(QUARANTINED))
      throw quarantinedFault(name, withheld.slice(QUARANTINED.length))
    return { id: lease.id, epoch: lease.grants.find(grant => grant.board === name)!.epoch }
  }

  async #ask(
    client: AgentClient,
    { id, purpose, waitMs }: { id: string; purpose: string; waitMs: number },
    board: Board,
    { holder, signal, onQueue, park, priority, mends }: LeaseOptions,
  ): Promise<Granted> {
    const asked = {
      ...{ id, user: holder.user, purpose, asks: [{ board: board.name }], leaves: park === false, waitMs },
      ...(mends !== undefined && { mends }),
      ...urgency(priority),
    }
    const told = onQueue && { onWaiting: onQueue, newsIn: ({ place, why }: Waiting) => [place, why] }
    const { grants } = await askTelling(client, asked, told, this.#clock, signal)
    return { id, epoch: grants[0]!.epoch }
  }

  /** Waits until an agent answers for the bench again. Errors: `why` it went, where none does until `untilMs`. */
  async #comeBack(untilMs: number, why: unknown, signal: AbortSignal): Promise<void> {
    for (;;) {
      if (this.#clock.ticksMs() >= untilMs) throw why
      // Also where its lock answers at once: that says nothing of whether this user may connect.
      await this.#clock.sleep(RETURN_POLL_MS, signal)
      const socketPath = await this.#find().catch(() => undefined)
      if (socketPath !== undefined) {
        this.#socketPath = socketPath
        return
      }
    }
  }
}

/** The number of a lease that was given. */
export interface Granted {
  readonly id: string
  readonly epoch: number
}

function gone(why = 'it ended, or may not be reached by this user'): Fault {
  return new Fault('infrastructure/agent-gone', { expected: 'the agent of the bench to go on', seen: why })
}
