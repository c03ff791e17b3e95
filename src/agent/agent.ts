import { Fault } from '../base/fault.ts'
import type { Log } from '../base/log.ts'
import type { Clock } from '../base/time.ts'
import type { BoardMeans } from '../bench/board-means.ts'
import { linesBefore } from '../bench/deaths/quote.ts'
import type { Board } from '../bench/load.ts'
import type { BoardListener } from '../bench/live-board-options.ts'
import { LiveBoard } from '../bench/live-board.ts'
import { BoardLock, describeHolder, type Holder, type LockSpace } from '../bench/lock.ts'
import type { FlashProof, HostKeyTrust } from '../model/event.ts'
import type { Image } from '../model/image.ts'
import type { Waiting } from '../model/lease/explain.ts'
import type { BootProof } from '../model/running.ts'
import type { Live } from './live.ts'
import { keepClosed, keepEpoch, keepOpened, lastEpoch } from './numbers-file.ts'

/** An exclusive right to a board under way: its number fences off every older holder. */
export interface Lease extends AsyncDisposable {
  readonly board: Board
  readonly epoch: number
  readonly live: Live
  /** What sessions of this lease see; filled in as the run goes on. */
  readonly facts: LeaseFacts
  /** Resolves when the board is provisioned and tests may begin; rejects with what went wrong. Renewed for each image. */
  ready: PromiseWithResolvers<void>
  /** Tells whoever asks for the board's holder where to watch its console. */
  announce(agentSocket: string): void
  /** Says that it can be interrupted now without harm; it then ends where somebody of higher priority waits for it. */
  safePoint?(): void
}

/** A lease whose board is open in this process. */
export interface OpenLease extends Lease {
  epoch: number
  readonly live: LiveBoard
  /** Aborts when the lease ends or is handed on: all that is done under its number ends with it. */
  over: AbortController
  /** Resolves, with why, when it ends and its board stays as it is for now: somebody who took its console is there. */
  readonly stays: Promise<string>
}

/** What is known of the image on a leased board. */
export interface LeaseFacts {
  image: Image | null
  flash: FlashProof | null
  trust: HostKeyTrust[]
  bootId: string | null
  /** What was found to run; null where nobody may look. */
  boot: BootProof | null
}

export interface LeaseOptions {
  readonly holder: Holder
  readonly waitMs: number
  readonly signal: AbortSignal
  readonly recordingPath?: string
  readonly listener: BoardListener
  /** The console is for whoever attaches to it: the lease itself does not write. */
  readonly sharedConsole?: boolean
  /** Where there is a queue: 0 to 9, 5 is usual; more than usual ends what is less, after a notice. */
  readonly priority?: number
  /** To look after it: also a board that is quarantined is had. */
  readonly mends?: boolean
  /** See `LiveBoardOptions.park`. */
  readonly park?: boolean | (() => boolean)
  readonly onWait?: (holder: Holder | undefined) => void
  /** Where it stands in the queue, where there is one. */
  readonly onQueue?: (waiting: Waiting) => void
}

/** How a board is opened that is leased already. */
export type OpenOptions = Omit<LeaseOptions, 'waitMs' | 'onWait' | 'onQueue'> & {
  readonly announce?: (agentSocket: string) => void
}

/** What an agent takes of its host: the host's own, unless a simulation brings others. */
export interface AgentMeans {
  readonly locks?: LockSpace
  readonly board?: BoardMeans
}

/** What ended a lease, by whoever knows. */
type WhyStale = (board: string, epoch: number) => Fault | undefined

/** How long a board whose console was taken from its lease is left to whoever took it, before it is switched off. */
const GIVEN_BACK_LIMIT_MS = 30 * 60_000

/** The one authority over the boards of a bench in this process: leases them, and finds them for sessions. */
export class Agent {
  readonly clock: Clock
  readonly #log: Log
  readonly #leases = new Map<string, OpenLease>()
  readonly #whyStale: WhyStale | undefined
  readonly #means: AgentMeans

  /** `whyStale` knows what ended a lease, and names it. */
  constructor(clock: Clock, log: Log, whyStale?: WhyStale, means: AgentMeans = {}) {
    this.#means = means
    this.clock = clock
    this.#log = log
    this.#whyStale = whyStale
  }

  /** Takes a board and opens it. Errors: `lease/held`; whatever opening its controls says. */
  async lease(board: Board, options: LeaseOptions): Promise<OpenLease> {
    const { holder, waitMs, signal, onWait } = options
    await using stack = new AsyncDisposableStack()
    const { locks } = this.#means
    const waiting = { waitMs, clock: this.clock, signal, onWait, ...(locks && { locks }) }
    const lock = stack.use(await BoardLock.take(board.bench, board.name, holder, waiting))
    const epoch = lastEpoch(board.stateDir) + 1
    const opened = await this.open(board, epoch, { ...options, announce: socket => lock.announce(socket) })
    const locked = stack.move()
    const close = opened[Symbol.asyncDispose].bind(opened)
    return Object.assign(opened, {
      [Symbol.asyncDispose]: async () => {
        await close()
        await locked.disposeAsync()
      },
    })
  }

  /** Opens a board that is leased under a number already. Errors: whatever opening its controls says. */
  async open(board: Board, epoch: number, options: OpenOptions): Promise<OpenLease> {
    const { holder, signal } = options
    await using stack = new AsyncDisposableStack()
    keepEpoch(board.stateDir, epoch)
    const facts: LeaseFacts = { image: null, flash: null, trust: [], bootId: null, boot: null }
    const live = await LiveBoard.open(board, {
      clock: this.clock,
      log: this.#log,
      epoch,
      ...(this.#means.board && { means: this.#means.board }),
      ...(options.sharedConsole !== true && { consoleOwner: holder }),
      ...(options.recordingPath !== undefined && { recordingPath: options.recordingPath }),
      park: options.park ?? board.spec.park === 'off',
      listener: {
        ...options.listener,
        trusted: trust => {
          facts.trust.push(trust)
          options.listener.trusted(trust)
        },
      },
      signal,
    })
    stack.use(live)
    keepOpened(board.stateDir, epoch)
    stack.defer(() => {
      this.#leases.delete(board.name)
      live.feed?.dismiss()
    })
    const owned = stack.move()
    const stays = Promise.withResolvers<string>()
    const lease: OpenLease = {
      stays: stays.promise,
      board,
      epoch,
      live,
      facts,
      over: new AbortController(),
      ready: pending(),
      announce: agentSocket => options.announce?.(agentSocket),
      [Symbol.asyncDispose]: async () => {
        const ended = this.#whyStale?.(board.name, lease.epoch) ?? stale(board.name)
        lease.ready.reject(ended)
        lease.over.abort(ended)
        await live.feed?.givenBack(GIVEN_BACK_LIMIT_MS, signal, ({ claimant }) => {
          const why = `stays as it is while ${describeHolder(claimant)} has its console`
          options.listener.note(why)
          stays.resolve(why)
        })
        await owned.disposeAsync()
        if (!live.isLeftOn) keepClosed(board.stateDir)
      },
    }
    this.#leases.set(board.name, lease)
    return lease
  }

  /** The lease a session belongs to. Errors: `lease/stale` for an epoch that is over. */
  find(board: string, epoch: number): OpenLease {
    const lease = this.#leases.get(board)
    if (lease?.epoch === epoch) return lease
    throw this.#whyStale?.(board, epoch) ?? stale(board)
  }

  /** A lease of this agent by its board's name, whatever its epoch: for those who only look. */
  peek(board: string): OpenLease | undefined {
    return this.#leases.get(board)
  }
}

/** A promise to be settled by hand; nobody may be waiting when it is rejected. */
export function pending(): PromiseWithResolvers<void> {
  const resolvers = Promise.withResolvers<void>()
  resolvers.promise.catch(() => undefined)
  return resolvers
}

/** The last readable console lines of a board, to be quoted. */
export function quote(live: LiveBoard): string[] {
  return linesBefore(live.recording)
}

function stale(board: string): Fault {
  return new Fault('lease/stale', { expected: `a lease of ${board} that is in force`, seen: 'it was ended' })
}

/** Puts a lease under another number: what was begun under the old one ends by `why`. */
export function handOn(lease: OpenLease, epoch: number, why: Fault | undefined): void {
  const before = lease.over
  lease.epoch = epoch
  lease.over = new AbortController()
  before.abort(why)
}
