import { answered, type AgentClient } from '../../agent/client.ts'
import { agentOf, hostOf, type Host, type HostMeans } from '../../agent/host.ts'
import type { Lease } from '../../agent/agent.ts'
import { askForBoards } from '../../agent/remote/ask-for-boards.ts'
import { asFault, Fault } from '../../base/fault.ts'
import { silentLog } from '../../base/log.ts'
import type { Random } from '../../base/random.ts'
import { simFiles } from '../host/disk.ts'
import { guard } from '../host/guardian.ts'
import type { SimProcess } from '../host/process.ts'
import type { ClientFault, Planned } from '../lab/faults.ts'
import type { World } from '../sim-run.ts'
import { strikeClient } from '../net/strike.ts'
import { isInForce } from '../oracles/leases/refusals.ts'
import type { PlannedErrand } from './plan.ts'
import type { LeaseWatch } from './watch.ts'

const OWN_GRACE_MS = 1000
/** How long somebody tries again to give back what they have while the agent is away. */
const PATIENCE_MS = 90_000
const AGAIN_MS = 1000
/** Whoever has a board does something with it so often. */
const STEPS = 4
const UNDER_WAY_MS = 50

/** Somebody who needs boards for a while, in a process of their own: a run, or a person who holds them. */
export class Errand {
  readonly planned: PlannedErrand
  readonly process: SimProcess
  killedAtMs: number | undefined
  endedAtMs: number | undefined
  /** What became of it; undefined: nothing went wrong. */
  fault: Fault | undefined
  readonly #world: World
  readonly #watch: LeaseWatch
  readonly #random: Random
  readonly #interrupt = new AbortController()
  #inUse: readonly string[] = []
  #waits: Disposable | undefined

  constructor(planned: PlannedErrand, world: World, watch: LeaseWatch) {
    this.planned = planned
    this.#world = world
    this.#watch = watch
    this.process = world.spawn(planned.name)
    const chance = world.chance.for(planned.name)
    this.#random = bytes => chance.bytes(bytes)
  }

  get isOver(): boolean {
    return this.killedAtMs !== undefined || this.endedAtMs !== undefined
  }

  start(): void {
    const { name, user, as, wants, faults } = this.planned
    this.#tell(`${user}: ${as} ${wants.join(' ')}`)
    for (const fault of faults) this.#world.time.after(fault.atMs - this.#world.time.nowMs, () => this.#strike(fault))
    const work = as === 'run' ? this.#run() : this.#hold()
    work
      .catch((error: unknown) => {
        this.fault = asFault(error)
        this.#tell(`ends by ${this.fault.code}: ${this.fault.seen.split('\n')[0]}`)
        if (this.fault.class === 'internal') this.#watch.complain('ending', `${name} ends by ${this.fault.stack}`)
      })
      .finally(() => (this.endedAtMs = this.#world.time.nowMs))
  }

  /** As `hil run` has a board: in the queue of the agent, or by itself where there is none. */
  async #run(): Promise<void> {
    const { name, wants, waitMs, priority, watches, workMs, strayMs } = this.planned
    const host = await this.#host()
    this.#waits = this.#watch.waits.asks(name, () => !this.process.clock.isStill)
    const lease = await this.#lease(host, wants[0]!, {
      waitMs: waitMs ?? PATIENCE_MS * 100,
      priority,
      ...(watches && { onQueue: ({ place }: { place: number }) => this.#tell(`is told place ${place}`) }),
    }).finally(() => this.#waits?.[Symbol.dispose]())
    const { epoch } = lease
    const board = lease.board.name
    try {
      this.#has(lease)
      await this.#use(lease, workMs)
    } finally {
      await lease[Symbol.asyncDispose]()
      this.#tell('is done')
    }
    if (strayMs !== undefined && lease.live.constructor.name === 'RemoteLive') await this.#stray(board, epoch, strayMs)
  }

  /** As `hil hold` has boards; what is done with them is done under the hold, and at the end it is given back, or not. */
  async #hold(): Promise<void> {
    const { name, user, wants, waitMs, priority, watches, workMs, forMs, ends, strayMs } = this.planned
    const { clock } = this.process
    const signal = this.#interrupt.signal
    this.#waits = this.#watch.waits.asks(name, () => !this.process.clock.isStill)
    const { id, grants, untilMs } = await askForBoards(
      wants,
      { user, purpose: name, forMs, waitMs, ...(priority !== 5 && { priority }) },
      {
        connect: () => this.#connect(),
        clock,
        random: this.#random,
        ...(watches && { onWaiting: ({ place }) => this.#tell(`is told place ${place}`) }),
      },
      signal,
    ).finally(() => this.#waits?.[Symbol.dispose]())
    this.#watch.promises.told({ of: 'grant', id, who: name, grants })
    this.#tell(`holds ${grants.map(({ board, epoch }) => `${board} under ${epoch}`).join(' and ')}`)
    if (grants.length !== wants.length)
      this.#watch.complain('whole', `${name} asked for ${wants.length} boards and is told of ${grants.length}`)
    for (const { board } of grants) await this.#underHold(board, user)
    await clock.sleep(Math.min(workMs, Math.max(0, untilMs - clock.nowMs())), signal)
    const [{ board, epoch }] = grants as [(typeof grants)[number]]
    if (ends === 'forgotten') return
    if (ends === 'released') {
      await this.#surely(api => api.leaseRelease.mutate({ id, user }))
      this.#watch.promises.told({ of: 'release', id, who: name })
      this.#tell('has given it back')
    } else {
      const to = `friend-of-${user}`
      await this.#leavesSomethingUnderWay(board, epoch)
      await this.#surely(api => api.leaseHand.mutate({ id, user, to }))
      this.#watch.promises.told({ of: 'handing', id, who: name, to })
      this.#tell(`has handed it to ${to}`)
      await this.#underHold(board, to).catch(() => undefined)
    }
    if (strayMs !== undefined) await this.#stray(board, epoch, strayMs)
  }

  /** Does what one does with a board; whoever is refused is told why. */
  async #use(lease: Lease, workMs: number): Promise<void> {
    const { clock } = this.process
    const signal = this.#interrupt.signal
    try {
      for (let step = 0; step < STEPS; step++) {
        if (step % 2 === 0) await lease.live.powerOn(signal)
        else await lease.live.powerState(signal)
        lease.safePoint?.()
        await clock.sleep(workMs / STEPS, signal)
      }
    } catch (error) {
      const use = { who: this.planned.name, board: lease.board.name, epoch: lease.epoch }
      this.#watch.refusals.refused(use, error, this.#watch.book)
      throw error
    }
  }

  /** `hil power`, under one's own hold. */
  async #underHold(board: string, user: string): Promise<void> {
    const lease = await this.#lease(await this.#host(), board, { waitMs: 0, user, park: false })
    try {
      await lease.live.powerOn(this.#interrupt.signal)
    } catch (error) {
      const use = { who: this.planned.name, board, epoch: lease.epoch }
      this.#watch.refusals.refused(use, error, this.#watch.book)
      if (asFault(error).class !== 'lease') throw error
    } finally {
      await lease[Symbol.asyncDispose]()
    }
  }

  /** What takes a while, and is still at it when the board has another holder. */
  async #leavesSomethingUnderWay(board: string, epoch: number): Promise<void> {
    const client = await this.#connect().catch(() => undefined)
    if (!client) return
    this.#tell(`takes the medium out of ${board}`)
    answered(client.api.boardRemoveMedium.mutate({ board, epoch }))
      .catch(() => undefined)
      .finally(() => client[Symbol.dispose]())
    await this.process.clock.sleep(UNDER_WAY_MS, this.#interrupt.signal)
  }

  /** Calls once more under a number that is over, as a program does that stood still meanwhile. */
  async #stray(board: string, epoch: number, afterMs: number): Promise<void> {
    await this.process.clock.sleep(afterMs, this.#interrupt.signal)
    if (isInForce(this.#watch.book, board, epoch)) return
    const use = { who: `${this.planned.name}, late,`, board, epoch }
    try {
      await this.#surely(api => api.boardPower.mutate({ board, epoch, to: 'on' }))
    } catch (error) {
      return this.#watch.refusals.refused(use, error, this.#watch.book)
    }
    this.#watch.refusals.accepted(use)
  }

  #host(): Promise<Host> {
    const { locks, net, bench } = this.#world
    const { clock } = this.process
    const means: HostMeans = {
      locks: locks.for(this.process),
      connect: (at, onLost) => net.connect(at as string, this.process, onLost),
      random: this.#random,
      board: { random: this.#random, openFile: simFiles({ isFull: () => false }, this.process) },
      guardian: () => ({
        watch: boards => void (this.#inUse = boards.map(({ name }) => name)),
        [Symbol.asyncDispose]: async () => undefined,
      }),
    }
    return hostOf(bench.name, { clock, log: silentLog, signal: this.#interrupt.signal, means })
  }

  #lease(
    host: Host,
    name: string,
    more: Partial<Parameters<Host['lease']>[1]> & { readonly user?: string },
  ): Promise<Lease> {
    const board = this.#world.bench.boards.find(board => board.name === name)!
    const { user = this.planned.user, waitMs = 0, ...rest } = more
    const note = (): void => undefined
    return host.lease(board, {
      holder: { pid: 1, user, command: `hil ${this.planned.name}`, sinceMs: this.process.clock.nowMs() },
      waitMs,
      signal: this.#interrupt.signal,
      listener: { trusted: note, note, fault: note, broken: note },
      ...rest,
    })
  }

  #has(lease: Lease): void {
    const { name } = lease.board
    this.#tell(`has ${name} under ${lease.epoch}`)
    const id = `${this.planned.name} ${lease.epoch}`
    const held = this.#watch.book.held.find(({ purpose }) => purpose.endsWith(this.planned.name))
    this.#watch.promises.told({
      ...{ of: 'grant', id: held?.id ?? id, who: this.planned.name },
      grants: held ? [{ board: name, epoch: lease.epoch }] : [],
    })
  }

  async #connect(): Promise<AgentClient> {
    const { locks, net, bench } = this.#world
    const path = await agentOf(bench.name, this.process.clock, this.#interrupt.signal, locks.for(this.process))
    if (path !== undefined) return net.connect(path, this.process)
    throw new Fault('configuration/no-agent', { expected: 'an agent', seen: 'none' })
  }

  /** As a person does who types it again until somebody answers. */
  async #surely<T>(call: (api: AgentClient['api']) => Promise<T>): Promise<T> {
    const { clock } = this.process
    const untilMs = clock.ticksMs() + PATIENCE_MS
    for (;;) {
      try {
        using client = await this.#connect()
        return await answered(call(client.api))
      } catch (error) {
        const isAway = ['infrastructure/agent-gone', 'configuration/no-agent'].includes(asFault(error).code)
        if (!isAway || clock.ticksMs() > untilMs) throw error
        await clock.sleep(AGAIN_MS, this.#interrupt.signal)
      }
    }
  }

  #strike({ kind, amount }: Planned<ClientFault>): void {
    if (this.isOver) return
    const { meet } = this.#world
    const { name } = this.planned
    if (kind === 'client-killed') {
      meet(kind, name)
      this.#kill()
    } else if (kind === 'client-interrupted') {
      meet(kind, name)
      this.#interrupt.abort(new Fault('cancelled/interrupt', { expected: 'to finish', seen: 'SIGINT' }))
    } else if (strikeClient({ kind, amount }, this.process, this.#world)) meet(kind, name)
  }

  #kill(): void {
    this.#tell('kill -9')
    this.killedAtMs = this.#world.time.nowMs
    this.#waits?.[Symbol.dispose]()
    this.process.kill()
    this.#world.locks.drop(this.process)
    this.#world.net.drop(this.process)
    const boards = this.#inUse
    this.#world.time.after(OWN_GRACE_MS, () => void guard(this.#world, `guardian of ${this.planned.name}`, boards))
  }

  #tell(text: string): void {
    this.#world.tell(this.planned.name, text)
  }
}
