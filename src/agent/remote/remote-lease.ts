import { asFault, Fault } from '../../base/fault.ts'
import { abortable, type Clock } from '../../base/time.ts'
import type { Board } from '../../bench/load.ts'
import { Recording } from '../../bench/recording.ts'
import { pending, type Lease, type LeaseFacts, type LeaseOptions } from '../agent.ts'
import { answered, type AgentClient } from '../client.ts'
import type { NewsItem } from '../news.ts'
import type { Granted } from './remote-host.ts'
import { RemoteLive } from './remote-live.ts'

const LONG_POLL_MS = 20_000
/** How long the agent may take to switch a board off and give it back. */
const RELEASE_LIMIT_MS = 360_000
/** How long the last that was said may take to get here. */
const FOLLOW_LIMIT_MS = 5000

/** A lease of an agent in another process: what happens there is told here, and the console is copied into the run's folder. */
export class RemoteLease implements Lease {
  readonly board: Board
  readonly epoch: number
  readonly live: RemoteLive
  readonly facts: LeaseFacts = { image: null, flash: null, trust: [], bootId: null, boot: null }
  readonly #client: AgentClient
  readonly #granted: Granted & { readonly isOwn: boolean }
  readonly #options: LeaseOptions
  readonly #clock: Clock
  readonly #over = new AbortController()
  readonly #followers: Promise<unknown>[] = []
  #ready = pending()
  #noticed = false
  #closed = false
  /** Ends the polls that still wait, once there is nothing to wait for. */
  readonly #enough = new AbortController()
  /** What the agent is told of the image, in order. */
  #told: Promise<unknown> = Promise.resolve()

  private constructor(
    client: AgentClient,
    board: Board,
    granted: Granted & { readonly isOwn: boolean },
    live: RemoteLive,
    options: LeaseOptions,
    clock: Clock,
  ) {
    this.#client = client
    this.board = board
    this.#granted = granted
    this.epoch = granted.epoch
    this.live = live
    this.#options = options
    this.#clock = clock
  }

  /** Opens a leased board in its agent and begins to follow it. Errors: whatever opening its controls says. */
  static async open(
    client: AgentClient,
    board: Board,
    granted: Granted & { readonly isOwn: boolean },
    lost: AbortController,
    options: LeaseOptions,
    clock: Clock,
  ): Promise<RemoteLease> {
    const { holder, sharedConsole = false, recordingPath, listener } = options
    const { pid, user, command, sinceMs } = holder
    const lease = { board: board.name, epoch: granted.epoch }
    const opening = client.api.boardOpen.mutate({ ...lease, holder: { pid, user, command, sinceMs }, sharedConsole })
    const opened = await abortable(answered(opening), options.signal).catch(async (error: unknown) => {
      // A lease that is over, or was handed to somebody else, is not this one's to give back.
      if (granted.isOwn && asFault(error).class !== 'lease')
        await client.api.leaseRelease.mutate({ id: granted.id, user }).catch(() => undefined)
      throw error
    })
    const live = new RemoteLive(client.api, lease, opened)
    // Its files are where its agent keeps them.
    const remote = new RemoteLease(client, { ...board, stateDir: opened.stateDir }, granted, live, options, clock)
    lost.signal.addEventListener('abort', () => {
      if (!remote.#over.signal.aborted) listener.broken(asFault(lost.signal.reason))
    })
    remote.#followers.push(remote.#followNews())
    if (recordingPath !== undefined && opened.hasConsole)
      remote.#followers.push(remote.#copyConsole(recordingPath, opened.begin))
    return remote
  }

  get ready(): PromiseWithResolvers<void> {
    return this.#ready
  }

  /** A new one for each image; the agent's sessions wait for what becomes of it. */
  set ready(ready: PromiseWithResolvers<void>) {
    this.#ready = ready
    this.#tell('under way')
    ready.promise.then(
      () => this.#tell('ready'),
      () => undefined,
    )
  }

  announce(): void {
    // The agent has said where it answers.
  }

  safePoint(): void {
    if (this.#noticed) void this.#client.api.leaseYield.mutate({ id: this.#granted.id }).catch(() => undefined)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ready.reject(new Fault('lease/stale', { expected: 'a lease in force', seen: 'it was ended' }))
    const { user } = this.#options.holder
    const { id, isOwn } = this.#granted
    const lease = { board: this.board.name, epoch: this.epoch }
    const within = { signal: this.#clock.timeout(RELEASE_LIMIT_MS) }
    try {
      await this.#told
      // Under somebody's own hold only what a run did is cleared away, and the hold goes on.
      if (isOwn || this.#options.park !== false)
        await answered(this.#client.api.boardClose.mutate(lease, within)).finally(() => (this.#closed = true))
      if (isOwn) await answered(this.#client.api.leaseRelease.mutate({ id, user }, within))
    } catch (error) {
      const fault = asFault(error)
      // One that was taken away, by time or by somebody, was told where it mattered.
      if (fault.class !== 'lease') this.#options.listener.fault(fault)
    } finally {
      this.#closed = true
      this.#enough.abort()
      await abortable(Promise.all(this.#followers), this.#clock.timeout(FOLLOW_LIMIT_MS)).catch(() => undefined)
      this.#over.abort()
      this.#client[Symbol.dispose]()
    }
  }

  #tell(is: 'under way' | 'ready'): void {
    const lease = { board: this.board.name, epoch: this.epoch }
    const facts = structuredClone(this.facts)
    const telling = this.#told.then(() => answered(this.#client.api.boardFacts.mutate({ ...lease, facts, is })))
    // A lease that is over says so to whoever uses it next.
    this.#told = telling.catch(() => undefined)
  }

  /** Until the board is closed and all was told. */
  async #followNews(): Promise<void> {
    const lease = { board: this.board.name, epoch: this.epoch }
    try {
      for (let from = 0; ;) {
        const isLast = this.#closed
        const news = await this.#poll(isLast, (waitMs, options) =>
          this.#client.api.boardNews.query({ ...lease, from, waitMs }, options),
        )
        if (!news) continue
        const { items, to } = news
        for (const item of items) this.#hear(item)
        from = to
        if (isLast && items.length === 0) return
      }
    } catch {
      // The lease is over, or its agent gone: both are told elsewhere.
    }
  }

  /** Waits for something new, until the board is closed: the last time it only asks. Undefined: nothing until then. */
  async #poll<T>(
    isLast: boolean,
    ask: (waitMs: number, options: { signal?: AbortSignal }) => Promise<T>,
  ): Promise<T | undefined> {
    const { signal } = this.#enough
    try {
      return await answered(isLast ? ask(0, {}) : ask(LONG_POLL_MS, { signal }))
    } catch (error) {
      if (!isLast && signal.aborted) return undefined
      throw error
    }
  }

  #hear(item: NewsItem): void {
    const { listener } = this.#options
    switch (item.type) {
      case 'note':
        return listener.note(item.text)
      case 'trusted':
        this.facts.trust.push(item.trust)
        return listener.trusted(item.trust)
      case 'recovery':
        return listener.recovery?.(item.step)
      case 'rebooted':
        return listener.rebooted?.(item.reboot)
      case 'struck':
        return listener.struck?.(Fault.from(item.fault))
      case 'fault':
        return listener.fault(Fault.from(item.fault))
      case 'broken':
        return listener.broken(Fault.from(item.fault))
      case 'progress':
        return this.live.progress(item.report)
      case 'notice':
        this.#noticed = true
        return listener.note(
          `${item.by} needs this board: it is given up at the next safe point, at the latest at ${new Date(item.atMs).toISOString()}`,
        )
    }
  }

  /** The agent's recording goes on for ever; the run gets a copy of its part, with its offsets and about its times. */
  async #copyConsole(path: string, begin: number): Promise<void> {
    await using copy = new Recording(
      { epoch: this.epoch, begin, copyPath: path },
      this.#clock,
      this.#options.listener.broken,
    )
    const lease = { board: this.board.name, epoch: this.epoch }
    try {
      for (let from = begin; ;) {
        const isLast = this.#closed
        const heard = await this.#poll(isLast, (waitMs, options) =>
          this.#client.api.boardConsole.query({ ...lease, from, waitMs }, options),
        )
        if (!heard) continue
        const { base64, to } = heard
        copy.append(Buffer.from(base64, 'base64'))
        if (isLast && to === from) return
        from = to
      }
    } catch (error) {
      copy.gap(`the agent does not tell any more: ${asFault(error).seen}`)
    }
  }
}
