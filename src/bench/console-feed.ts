import { Fault } from '../base/fault.ts'
import { abortable, type Clock } from '../base/time.ts'
import type { Console, ConsoleLine, ConsolePort, ExpectOptions, Match } from '../controls/console.ts'
import { Claims, type Claim } from './claims.ts'
import { Absence } from './console-feed-absence.ts'
import { TroubleWatch } from './deaths/trouble-watch.ts'
import { expectIn } from './expect.ts'
import type { Claimant } from './lock.ts'
import type { Recording } from './recording.ts'
import type { Vitals } from './vitals.ts'

/** How long a vanished adapter may take to come back (a hub that re-enumerates) before the board counts as lost. */
const RETURN_LIMIT_MS = 5000

export interface FeedOptions {
  readonly board: string
  readonly recording: Recording
  readonly vitals: Vitals
  /** Who claims the console for the whole lease; absent: whoever comes first. */
  readonly owner?: Claimant | undefined
  readonly twin: boolean
  /** Called with console lines worth knowing that end nothing. */
  readonly onNote: (text: string) => void
}

/** A board's console at work: the line feeds the recording, death patterns and a vanished tty feed the vitals. */
export class ConsoleFeed implements ConsolePort, AsyncDisposable {
  readonly recording: Recording
  readonly vitals: Vitals
  readonly claims: Claims
  readonly trouble: TroubleWatch
  /** The claim that writes of the lease itself are made under. */
  readonly #own: Claim | undefined
  readonly #listeners = new Set<() => void>()
  readonly #absence: Absence
  readonly #onNote: (text: string) => void
  #line: ConsoleLine | undefined
  /** Who else reads the line at the moment. */
  #robbed: string | undefined
  /** How often the line vanished. */
  #losses = 0
  #over = false

  private constructor({ board, recording, vitals, owner, twin, onNote }: FeedOptions) {
    this.recording = recording
    this.vitals = vitals
    this.#onNote = onNote
    this.#absence = new Absence(recording.clock, RETURN_LIMIT_MS, reason => this.#goneForGood(reason))
    this.trouble = new TroubleWatch(recording, { twin, onNote, onDeath: fault => vitals.report(fault) })
    this.claims = new Claims(board, () => this.#changed())
    this.#own = owner && this.claims.claim(owner)
    // Whatever the board does from now on, nobody knows whose doing it is.
    this.#own?.signal.addEventListener('abort', () => {
      if (this.#stolen) vitals.report(this.#stolen)
    })
  }

  static async open(driver: Console, options: FeedOptions, signal: AbortSignal): Promise<ConsoleFeed> {
    const feed = new ConsoleFeed(options)
    const { recording } = options
    const sink = {
      data: (chunk: Uint8Array) => recording.append(chunk),
      room: () => recording.room(),
      lost: (reason: string) => feed.#lost(reason),
      back: () => feed.#back(),
      robbed: (by: string | undefined) => feed.#sharedWith(by),
    }
    feed.#line = await driver.open(sink, signal)
    return feed
  }

  /** What is open, for messages. */
  get device(): string {
    return this.#line?.device ?? 'the console'
  }

  /** Why the line is away at the moment; undefined: it is not. */
  get away(): string | undefined {
    return this.#absence.reason
  }

  /** Whether watchers need wait no longer. */
  get over(): boolean {
    return this.#over
  }

  get clock(): Clock {
    return this.recording.clock
  }

  end(): number {
    return this.recording.end
  }

  slice(from: number, to?: number): Buffer {
    return this.recording.slice(from, to)
  }

  expect(pattern: RegExp, options: ExpectOptions): Promise<Match> {
    const alive = this.vitals.signal
    // What was waited for may have been said into a gap: then nobody knows, and the product is not to blame.
    const late = async (): Promise<Error> => {
      const gap = this.#robbed ?? this.recording.gapSince(options.from)
      if (gap === undefined) return options.late()
      return new Fault(this.#robbed === undefined ? 'infrastructure/tty-gone' : 'infrastructure/tty-busy', {
        expected: `to hear all that ${this.device} says`,
        seen: `${gap} while something was waited for, so that it may have been missed`,
      })
    }
    return expectIn(this.recording, pattern, {
      ...options,
      late,
      signal: options.signal ? AbortSignal.any([alive, options.signal]) : alive,
    })
  }

  /**
   * Writes as the lease. While the line is away it waits for its return, as long as the board does not count as lost.
   *
   * What was under way when the line vanished is never written a second time: how much of it arrived nobody knows. It is
   * lost like anything else that falls into a gap, which stands in the recording; whoever needs an answer asks again.
   * Errors: `lease/console-taken` once somebody else took the console; the fault of a dead board.
   */
  async write(text: string | Uint8Array): Promise<void> {
    const { signal } = this.vitals
    signal.throwIfAborted()
    const own = this.#own
    if (!own)
      throw new Fault('internal/bug', {
        expected: 'a lease that claimed its console',
        seen: 'one that left it to others',
      })
    if (this.#absence.end) await abortable(this.#absence.end, AbortSignal.any([own.signal, signal]))
    // It did not come back in time: the line says so itself.
    if (this.away !== undefined) return await this.writeUnder(own, text, signal)
    const losses = this.#losses
    await this.writeUnder(own, text, signal).catch((error: unknown) => {
      const vanished = error instanceof Fault && error.code === 'infrastructure/tty-gone' && this.#losses > losses
      if (!vanished) throw error
    })
  }

  /**
   * Writes under a claim, whatever became of the board: a person may want to talk to one that has panicked, and is told
   * at once when the line is away.
   */
  async writeUnder(claim: Claim, text: string | Uint8Array, signal?: AbortSignal): Promise<void> {
    claim.signal.throwIfAborted()
    const bytes = typeof text === 'string' ? Buffer.from(text) : text
    await this.#line?.write(bytes, signal ? AbortSignal.any([claim.signal, signal]) : claim.signal)
  }

  /** Errors: `lease/console-taken`: this lease may no longer act on its board. */
  assertOwned(): void {
    if (this.#stolen) throw this.#stolen
  }

  /**
   * Resolves when nobody writes any more who took the console from this lease: what they look at is not to be switched
   * off under their hands. `onWait` is told whom it waits for. Never rejects: an abort ends it too.
   */
  async givenBack(limitMs: number, signal: AbortSignal, onWait: (thief: Claim) => void): Promise<void> {
    const thief = this.#stolen && this.claims.present
    if (!thief || signal.aborted) return
    onWait(thief)
    const { promise, resolve } = Promise.withResolvers<void>()
    using _changes = this.onChange(() => {
      if (!this.claims.present) resolve()
    })
    await abortable(promise, AbortSignal.any([signal, this.clock.timeout(limitMs)])).catch(() => undefined)
  }

  /** Calls `listener` whenever something about the console changed, except for what it says (see `Recording.follow`). */
  onChange(listener: () => void): Disposable {
    this.#listeners.add(listener)
    return { [Symbol.dispose]: () => this.#listeners.delete(listener) }
  }

  /** Lets everybody who watches go: the lease is about to end. */
  dismiss(): void {
    this.#over = true
    this.#changed()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#absence[Symbol.dispose]()
    this.trouble[Symbol.dispose]()
    await this.#line?.[Symbol.asyncDispose]()
  }

  get #stolen(): Fault | undefined {
    const reason: unknown = this.#own?.signal.reason
    return reason instanceof Fault && reason.code === 'lease/console-taken' ? reason : undefined
  }

  #changed(): void {
    for (const listener of this.#listeners) listener()
  }

  #back(): void {
    this.#absence.over()
    this.recording.gap('the console adapter came back')
    this.#changed()
  }

  #lost(reason: string): void {
    this.#losses++
    // Who read it too lost it as well.
    this.#robbed = undefined
    this.recording.gap(reason)
    this.#absence.begin(reason)
    this.#changed()
  }

  #goneForGood(reason: string): void {
    this.vitals.report(
      new Fault('infrastructure/tty-gone', {
        expected: `${this.device} to stay plugged in`,
        seen: `${reason}, and it did not come back within ${RETURN_LIMIT_MS / 1000} s`,
      }),
    )
  }

  #sharedWith(by: string | undefined): void {
    this.#robbed = by && `${by} reads the console too`
    const gap = this.#robbed ?? 'nobody else reads the console any more'
    this.recording.gap(gap)
    this.#onNote(gap)
  }
}
