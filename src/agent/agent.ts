import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { diskFault } from '../base/disk.ts'
import { Fault } from '../base/fault.ts'
import type { Log } from '../base/log.ts'
import type { Clock } from '../base/time.ts'
import { linesBefore } from '../bench/deaths/quote.ts'
import type { Board } from '../bench/load.ts'
import type { BoardListener } from '../bench/live-board-options.ts'
import { LiveBoard } from '../bench/live-board.ts'
import { BoardLock, describeHolder, type Holder } from '../bench/lock.ts'
import type { FlashProof, HostKeyTrust } from '../model/event.ts'
import type { Image } from '../model/image.ts'
import type { BootProof } from '../model/running.ts'

/** An exclusive right to a board under way: its number fences off every older holder. */
export interface Lease extends AsyncDisposable {
  readonly board: Board
  readonly epoch: number
  readonly live: LiveBoard
  /** What sessions of this lease see; filled in as the run goes on. */
  readonly facts: LeaseFacts
  /** Resolves when the board is provisioned and tests may begin; rejects with what went wrong. Renewed for each image. */
  ready: PromiseWithResolvers<void>
  /** Tells whoever asks for the board's holder where to watch its console. */
  announce(agentSocket: string): void
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
  /** See `LiveBoardOptions.park`. */
  readonly park?: boolean
  readonly onWait?: (holder: Holder | undefined) => void
}

/** How long a board whose console was taken from its lease is left to whoever took it, before it is switched off. */
const GIVEN_BACK_LIMIT_MS = 30 * 60_000

/** The one authority over the boards of a bench in this process: leases them, and finds them for sessions. */
export class Agent {
  readonly #clock: Clock
  readonly #log: Log
  readonly #leases = new Map<string, Lease>()

  constructor(clock: Clock, log: Log) {
    this.#clock = clock
    this.#log = log
  }

  /** Takes a board and opens it. Errors: `lease/held`; whatever opening its controls says. */
  async lease(board: Board, options: LeaseOptions): Promise<Lease> {
    const { holder, waitMs, signal, onWait } = options
    await using stack = new AsyncDisposableStack()
    const waiting = { waitMs, clock: this.#clock, signal, ...(onWait && { onWait }) }
    const lock = stack.use(await BoardLock.take(board.bench, board.name, holder, waiting))
    const epoch = nextEpoch(board.stateDir)
    const facts: LeaseFacts = { image: null, flash: null, trust: [], bootId: null, boot: null }
    const live = await LiveBoard.open(board, {
      clock: this.#clock,
      log: this.#log,
      epoch,
      ...(options.sharedConsole !== true && { consoleOwner: holder }),
      ...(options.recordingPath !== undefined && { recordingPath: options.recordingPath }),
      ...(options.park !== undefined && { park: options.park }),
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
    stack.defer(() => {
      this.#leases.delete(board.name)
      live.feed?.dismiss()
    })
    const owned = stack.move()
    const lease: Lease = {
      board,
      epoch,
      live,
      facts,
      ready: pending(),
      announce: agentSocket => lock.announce(agentSocket),
      [Symbol.asyncDispose]: async () => {
        lease.ready.reject(stale(board.name))
        await live.feed?.givenBack(GIVEN_BACK_LIMIT_MS, signal, ({ claimant }) =>
          options.listener.note(`stays as it is while ${describeHolder(claimant)} has its console`),
        )
        await owned.disposeAsync()
      },
    }
    this.#leases.set(board.name, lease)
    return lease
  }

  /** The lease a session belongs to. Errors: `lease/stale` for an epoch that is over. */
  find(board: string, epoch: number): Lease {
    const lease = this.#leases.get(board)
    if (!lease || lease.epoch !== epoch) throw stale(board)
    return lease
  }

  /** A lease of this agent by its board's name, whatever its epoch: for those who only look. */
  peek(board: string): Lease | undefined {
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

/** Counts a board's leases on this host for good. Only called under the board's lock. */
function nextEpoch(stateDir: string): number {
  const path = join(stateDir, 'epoch')
  let last = 0
  try {
    last = Number(readFileSync(path, 'utf8')) || 0
  } catch {
    // The first lease of this board on this host.
  }
  try {
    mkdirSync(stateDir, { recursive: true })
    writeFileSync(path, String(last + 1))
  } catch (cause) {
    throw diskFault(cause)
  }
  return last + 1
}
