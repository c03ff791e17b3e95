import { asFault, Fault } from '../base/fault.ts'
import { every } from '../base/time.ts'
import type { BoardLock, Holder } from '../bench/lock.ts'
import type { Bench, Board } from '../bench/load.ts'
import { faultsPer100, unsoundness } from '../model/health.ts'
import { heldIn, NOT_WIRED } from '../model/lease/evolve.ts'
import type { Book, Held, LeaseEvent } from '../model/lease/words.ts'
import { Agent, handOn, type OpenLease } from './agent.ts'
import { takeUpLeases } from './after-restart.ts'
import { Attachments } from './attachments.ts'
import { Audit } from './audit.ts'
import type { BenchAgentOptions } from './bench-agent-options.ts'
import { BoardLocks, takeNow } from './board-locks.ts'
import type { BoardRecord } from './board-record.ts'
import { BoardUsers } from './board-users.ts'
import { switchOff } from './guardian/park.ts'
import { readHealth } from './health/health-file.ts'
import { KnownBoards } from './known-boards.ts'
import { LeaseDesk } from './leases/desk.ts'
import { News } from './news.ts'
import { newsListener } from './news-listener.ts'
import { lastEpoch, wasCutShort } from './numbers-file.ts'
import { Unattended } from './unattended.ts'
import { Unparked, type Ended } from './unparked.ts'

/** The lock that says where a bench's agent answers; no board has a dot in its name. */
export const AGENT_LOCK = '.agent'

/** How long a tied lease lives without its agent, and from each renewal: by then either is back, or the board is parked. */
export const TIED_MS = 60_000
const RENEW_EVERY_MS = 20_000
/** How long a connection that was lost may take to come back before its lease ends. */
const LOST_GRACE_MS = 3000

/** For whom a board is opened. */
interface HowOpened {
  readonly sharedConsole: boolean
  readonly holder: Holder
}

/**
 * The agent of a whole bench: the one owner of its boards, by its lease book. It has the locks of all boards for as long as
 * it lives, so that nobody on this host gets past it.
 */
export class BenchAgent implements AsyncDisposable {
  readonly agent: Agent
  readonly desk: LeaseDesk
  readonly attachments: Attachments
  readonly audit: Audit
  readonly #options: BenchAgentOptions
  readonly #boards = new KnownBoards()
  readonly #locks: BoardLocks
  readonly #opening = new Map<string, Promise<OpenLease>>()
  readonly #closing = new Map<string, Promise<void>>()
  readonly #unparked: Unparked
  readonly #users = new BoardUsers()
  readonly #records = new Map<string, BoardRecord>()
  readonly #unsoundness = new Map<string, number>()
  /** Why a board whose lease is over stays as it is for now. */
  readonly #stays = new Map<string, string>()
  /** Boards of leases under which something may have been done to them. */
  readonly #touched = new Set<string>()
  readonly #stop = new AbortController()
  readonly unattended: Unattended
  #renewing: Disposable | undefined
  #agentLock: BoardLock | undefined
  #draining = false
  /** What is open is closed as it is: its lease goes on. */
  #keeping = false

  private constructor(options: BenchAgentOptions) {
    const { clock, log, rules, means = {} } = options
    const { disk, time } = means
    this.#options = options
    const all = { unsoundness: (board: string) => this.#unsoundness.get(board) ?? 0, ...rules }
    const given = { rules: all, ...(disk && { disk }), ...(time && { host: time }) }
    this.desk = LeaseDesk.open(options.bookPath, { clock, log, ...given })
    const onError = (error: unknown): void => log.error({ err: error }, 'the audit log could not be written')
    this.audit = new Audit(options.auditFiles, clock, onError)
    this.agent = new Agent(clock, log, (board, epoch) => this.whyOver(board, epoch), means)
    this.attachments = new Attachments(id => void this.#lost(id))
    this.#unparked = new Unparked(clock, board => this.#putAway(board))
    this.unattended = new Unattended(clock, this.desk, this.attachments)
    this.#locks = new BoardLocks({
      ...{ bench: options.bench.name, holder: options.holder, clock, locks: means.locks },
      onTaken: board => this.#taken(board),
      onOutside: async (board, why) => {
        if (this.#boards.whyWithheld(board) !== NOT_WIRED) await this.#withhold(board, why)
      },
      onError: (board, error) => log.error({ board, err: error }, 'no lock'),
    })
  }

  /** Errors: `lease/held` where the bench has an agent already; a lease book that cannot be read or kept. */
  static async start(options: BenchAgentOptions): Promise<BenchAgent> {
    const { bench, holder, clock, means } = options
    const expected = `bench ${bench.name} to have no agent yet`
    const lock = await takeNow(bench.name, AGENT_LOCK, { clock, holder, locks: means?.locks, expected })
    let agent: BenchAgent | undefined
    try {
      agent = new BenchAgent(options)
      agent.#agentLock = lock
      await agent.#begin(bench)
      return agent
    } catch (error) {
      if (agent) await agent.#letGo()
      await lock[Symbol.asyncDispose]()
      throw error
    }
  }

  /** A board of the bench file as it was read last, or as it was when it left it. Errors: `configuration/unknown-board`. */
  board(name: string): Board {
    return this.#boards.mustGet(name)
  }

  get benchName(): string {
    return this.#options.bench.name
  }

  /** Tells whoever looks for this bench's agent where it answers. */
  announce(socketPath: string): void {
    this.#agentLock?.announce(socketPath)
  }

  /** Takes a bench file as it is now. Boards in use go on as they began. */
  async reload(bench: Bench): Promise<void> {
    this.#boards.read(bench)
    // Nobody gets one that comes back to the file quarantined, not even who waits for it.
    for (const { name, withheld } of Object.values(this.desk.book.boards))
      if (withheld === NOT_WIRED) await this.#withhold(name, this.#boards.whyWithheld(name) ?? NOT_WIRED)
    await this.desk.bench(this.#boards.facts())
    for (const { name } of bench.boards) await this.#locks.take(name)
    for (const { name } of bench.boards) await this.lookAtHealth(name)
    this.#tellBoards()
  }

  /**
   * The open board of a lease, opened at first need. Errors: `lease/stale`; `lease/held` while another connection works on it
   * under the same lease; whatever opening says.
   */
  async open(name: string, epoch: number, options: HowOpened & { readonly gone: AbortSignal }): Promise<OpenLease> {
    const held = this.desk.held(name, epoch)
    await this.#locks.mustHave(name)
    // On a disk that is slow the book may know of a lease, and nobody here yet that the board of the one before is to be put away.
    await this.desk.settled()
    if (!options.sharedConsole) this.#users.takeUp(name, { epoch, ...options })
    await this.#closing.get(name)
    // Meanwhile it may have ended, or be somebody else's.
    this.desk.held(name, epoch)
    const present = this.agent.peek(name)
    if (present?.epoch === epoch) return present
    const opening = this.#opening.get(name) ?? this.#open(held, name, epoch, options)
    this.#opening.set(name, opening)
    try {
      const opened = await opening
      this.desk.held(name, epoch)
      return opened
    } finally {
      this.#opening.delete(name)
    }
  }

  /** Parks the board of a lease in force and closes it; while it stays as it is for somebody, that is not waited for. */
  async close(name: string, epoch: number): Promise<void> {
    const open = this.agent.peek(name)
    this.#close(this.desk.held(name, epoch), name)
    this.#users.leave(name)
    await Promise.race([this.#closing.get(name), ...(open ? [open.stays] : [])])
  }

  /** Errors: `lease/stale` where somebody else has it by now. */
  record(board: string, epoch: number): BoardRecord {
    const record = this.#records.get(board)
    if (record?.epoch === epoch) return record
    throw this.whyOver(board, epoch) ?? new Fault('lease/stale', { expected: `${board} to be open`, seen: 'it is not' })
  }

  /** What ended a lease, as the fault of whoever still acts under it; undefined: it is in force. */
  whyOver(board: string, epoch: number): Fault | undefined {
    try {
      this.desk.held(board, epoch)
      return undefined
    } catch (error) {
      return asFault(error)
    }
  }

  /** Withholds a board, or gives it again, by what is written of its health. */
  async lookAtHealth(name: string): Promise<void> {
    const board = this.#boards.get(name)
    if (!board || this.#draining || !this.#locks.has(name)) return
    this.#unsoundness.set(name, unsoundness(faultsPer100(readHealth(board.stateDir))))
    await this.#withhold(name, this.#stays.get(name) ?? this.#boards.whyWithheld(name))
  }

  async #withhold(name: string, why: string | null): Promise<void> {
    if (this.desk.book.boards[name]?.withheld !== why) await this.desk.withhold(name, why)
  }

  /** Those of the bench file as it was read last. */
  get boards(): readonly Board[] {
    return this.#boards.wired
  }

  /** Gives nothing away any more and waits until no run is left, also none under a hold: for a restart that disturbs nobody. */
  async drain(signal: AbortSignal): Promise<void> {
    this.#draining = true
    for (const { name } of this.boards) await this.desk.withhold(name, 'the agent is about to be restarted')
    const isAtWork = ({ tied, grants }: Held): boolean =>
      tied || grants.some(({ board, epoch }) => this.#users.isUsed(board, epoch))
    while (this.desk.book.held.some(isAtWork) || this.#closing.size > 0) await this.#options.clock.sleep(100, signal)
  }

  /** Ends the leases of runs, which parks their boards; what people hold is kept, and untouched. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#draining = true
    this.#renewing?.[Symbol.dispose]()
    this.#unparked[Symbol.dispose]()
    this.#locks.stop()
    for (const { id, tied } of this.desk.book.held)
      if (tied) await this.desk.release(id, 'the agent, which ended').catch(() => undefined)
    while (this.#closing.size > 0) await Promise.all(this.#closing.values())
    this.#stop.abort(new Fault('infrastructure/agent-gone', { expected: 'an agent', seen: 'it was ended' }))
    this.#keeping = true
    for (const name of this.#boards.names) await this.agent.peek(name)?.[Symbol.asyncDispose]()
    await this.#letGo()
    await this.#agentLock?.[Symbol.asyncDispose]()
  }

  /** Of all that it has of its host; no lease ends by it. */
  async #letGo(): Promise<void> {
    this.#draining = true
    this.#renewing?.[Symbol.dispose]()
    this.#unparked[Symbol.dispose]()
    this.unattended[Symbol.dispose]()
    this.#locks.stop()
    await this.desk[Symbol.asyncDispose]()
    await this.audit[Symbol.asyncDispose]()
    await this.#locks[Symbol.asyncDispose]()
  }

  async #begin(bench: Bench): Promise<void> {
    for (const { grants } of this.desk.book.held) for (const { board } of grants) this.#touched.add(board)
    this.desk.follow((events, before) => this.#happened(events, before))
    // What else was withheld was so by a process that is gone.
    this.#boards.read(bench)
    for (const name of Object.keys(this.desk.book.boards)) await this.#withhold(name, this.#boards.whyWithheld(name))
    await this.reload(bench)
    await takeUpLeases(this.desk, this.unattended, this.#boards)
    this.#renewing = every(this.#options.clock, RENEW_EVERY_MS, () => void this.#renewTied())
    this.#tellBoards()
  }

  async #open(held: Ended, name: string, epoch: number, how: HowOpened): Promise<OpenLease> {
    const news = new News(this.#options.clock)
    this.#unparked.delete(name)
    this.#touched.add(name)
    this.#tellBoards()
    const lease = await this.agent.open(this.board(name), epoch, {
      ...how,
      signal: this.#stop.signal,
      park: () => !this.#keeping && !held.leaves && this.board(name).spec.park === 'off',
      listener: newsListener(name, news, this.#options.log),
    })
    const { recording } = lease.live
    const closed = new AbortController()
    const close = lease[Symbol.asyncDispose].bind(lease)
    const now = this.#closing.has(name) ? epoch : (this.desk.epochOf(name) ?? epoch)
    if (now !== epoch) handOn(lease, now, this.whyOver(name, epoch))
    void lease.stays.then(why => this.#stays.set(name, why) && this.lookAtHealth(name)).catch(() => undefined)
    this.#records.set(name, { epoch: now, news, recording, over: closed.signal })
    return Object.assign(lease, {
      [Symbol.asyncDispose]: async () => {
        try {
          await close()
        } finally {
          closed.abort()
          this.#stays.delete(name)
        }
      },
    })
  }

  #happened(events: readonly LeaseEvent[], before: Book): void {
    for (const event of events) {
      if (event.type === 'noticed')
        for (const { board } of heldIn(before, event.id)?.grants ?? [])
          this.#records.get(board)?.news.tell({
            type: 'notice',
            by: event.notice.byUser,
            atMs: this.desk.wallMs(event.notice.atMs),
          })
      if (event.type === 'handed')
        for (const { board, epoch } of event.grants) {
          const lease = this.agent.peek(board)
          // The board stays as it is; only whoever had it may no longer touch it, nor finish what they began.
          if (lease && lease.epoch !== epoch) handOn(lease, epoch, this.whyOver(board, lease.epoch))
          const record = this.#records.get(board)
          if (record) this.#records.set(board, { ...record, epoch })
        }
      if (event.type === 'granted') this.unattended.granted(event.id)
      if (event.type === 'ended') {
        this.unattended.forget(event.id)
        this.attachments.forget(event.id)
        const held = heldIn(this.desk.book, event.id) ?? heldIn(before, event.id)
        if (held) for (const { board } of held.grants) this.#close(held, board)
      }
    }
  }

  /** Parks a board whose lease ended; the next holder waits for that. */
  #close(held: Ended, name: string): void {
    const needed = this.agent.peek(name) ?? this.#opening.get(name)
    if (!needed && !this.#touched.has(name)) return
    const before = this.#closing.get(name)
    const closing = (async () => {
      await before
      const open = this.agent.peek(name) ?? (await this.#opening.get(name)?.catch(() => undefined))
      if (open) {
        await open[Symbol.asyncDispose]()
        // Whoever had it was told why.
        if (open.live.isLeftOn) this.#unparked.failed(name, held)
      }
      // What was being closed is parked by that.
      else if (!before || this.#unparked.has(name)) await this.#parkUnopened(held, name)
    })()
      .catch((error: unknown) => {
        if (this.#unparked.failed(name, held))
          this.#options.log.error({ board: name, err: error }, 'a board could not be parked')
      })
      .finally(() => {
        if (this.#closing.get(name) !== closing) return
        this.#closing.delete(name)
        if (!this.#unparked.has(name)) this.#touched.delete(name)
        // Its lock came between the question for it and this.
        else if (this.#locks.has(name)) this.#unparked.goOn(name)
        this.#tellBoards()
        // Whoever had it may have written down what they met.
        void this.lookAtHealth(name).catch(() => undefined)
      })
    this.#closing.set(name, closing)
  }

  /** A board of a lease that another process of this agent had: what that did to it nobody knows. */
  async #parkUnopened(held: Ended, name: string): Promise<void> {
    const board = this.#boards.get(name)
    if (!board || board.spec.park === 'leave') return this.#unparked.delete(name)
    if (held.leaves) return
    if (!this.#locks.has(name)) return this.#unparked.set(name, held)
    await switchOff(board, this.#options.clock)
    this.#unparked.delete(name)
  }

  async #lost(id: string): Promise<void> {
    const held = heldIn(this.desk.book, id)
    if (held?.tied) await this.desk.renew(id, LOST_GRACE_MS).catch(() => undefined)
    else if (!held) this.unattended.left(id)
  }

  async #renewTied(): Promise<void> {
    for (const id of this.attachments.ids)
      if (heldIn(this.desk.book, id)?.tied) await this.desk.renew(id, null).catch(() => undefined)
  }

  /** What whoever had it last, or had it past this agent, did not live to put away. */
  #putAway(name: string): void {
    const stateDir = this.#boards.get(name)?.stateDir
    const ended = this.#unparked.get(name)
    if (stateDir === undefined || (!ended && !wasCutShort(stateDir))) return
    this.#touched.add(name)
    // Whoever has it by now begins with it off, or has it put away at their end.
    if (this.desk.holder(name) || this.#closing.has(name)) return
    this.#close(ended ?? { leaves: false, grants: [{ board: name, epoch: lastEpoch(stateDir) }] }, name)
  }

  /** A board is this agent's own from now on: numbers go on behind those that somebody had past it meanwhile. */
  async #taken(name: string): Promise<void> {
    const board = this.#boards.get(name)
    const { epoch = 0 } = this.desk.book.boards[name] ?? {}
    try {
      if (board && lastEpoch(board.stateDir) > epoch) await this.desk.bench(this.#boards.facts())
    } finally {
      this.#putAway(name)
      if (!this.#draining) await this.lookAtHealth(name)
    }
  }

  #tellBoards(): void {
    // What people hold stays as it is, whatever becomes of the agent.
    const names = [...this.#touched].filter(name => this.desk.holder(name)?.tied !== false)
    this.#options.onBoards?.(names.flatMap(name => this.#boards.get(name) ?? []))
  }
}
