import { answered, type AgentClient } from '../../agent/client.ts'
import { asFault, Fault } from '../../base/fault.ts'
import { count } from '../../base/text.ts'
import { abortable, type Clock } from '../../base/time.ts'
import type { Claimant } from '../../bench/lock.ts'
import { HELP, Keys, type Command } from './keys.ts'
import type { Terminal } from './terminal.ts'
import { Writer } from './writer.ts'

export interface SessionOptions {
  readonly api: AgentClient['api']
  readonly board: string
  readonly claimant: Claimant
  /** Take the console from whoever has it, and tell them why. */
  readonly takeReason?: string
  /** Never write. */
  readonly watchOnly: boolean
  /** Nobody but this process looks after the board: with its line, the session ends. */
  readonly hosting: boolean
  readonly clock: Clock
}

type Look = Awaited<ReturnType<AgentClient['api']['consoleWatch']['query']>>
type State = Look['state']

const WAIT_MS = 20_000
/** After piped input has ended: how long the board must be silent for its answer to be whole, and how long we wait. */
const SILENCE_MS = 1500
const ANSWER_LIMIT_MS = 30_000
const CTRL_C = 0x03
const LEFT = Symbol('left')

/** One person, or pipe, at a board's console: sees what it says and, while it has the claim, writes. */
export class Session {
  readonly #options: SessionOptions
  readonly #terminal: Terminal
  readonly #writer: Writer
  readonly #keys = new Keys()
  readonly #over = new AbortController()
  #writing = false
  #state: State | undefined
  /** Stands for the state, in the agent's words. */
  #key: string | undefined
  #lastHeardMs = 0
  #hintedMs = -Infinity

  constructor(terminal: Terminal, options: SessionOptions) {
    this.#terminal = terminal
    this.#options = options
    this.#writer = new Writer(options.api, options.board, fault => this.#onWriteFault(fault))
  }

  /** Until somebody leaves (resolves with why), or it cannot go on. Errors: why not. */
  async attend(signal: AbortSignal): Promise<string> {
    const { board, watchOnly } = this.#options
    const stop = AbortSignal.any([signal, this.#over.signal])
    const first = await this.#look(undefined, 0, stop)
    if (!watchOnly) await this.#begin()
    // First: whoever reads that they write may type at once, and a Ctrl-C is the board's.
    this.#terminal.enterRaw()
    this.#welcome(first.state)
    // A pipe that nobody may write from is not read: it would only end, and the watching with it.
    using _input =
      this.#terminal.interactive || this.#writing
        ? this.#terminal.read(
            bytes => this.#typed(bytes),
            () => void this.#inputEnded(stop),
          )
        : undefined
    try {
      await this.#follow(first, stop)
    } catch (error) {
      if (error === LEFT || this.#over.signal.reason === LEFT) return `left ${board}`
      throw error
    }
    return `left ${board}`
  }

  /** Claims the console; where somebody else has it, a terminal watches and a pipe has no business. */
  async #begin(): Promise<void> {
    const { takeReason } = this.#options
    try {
      await this.#claim(takeReason)
    } catch (error) {
      const fault = asFault(error)
      if (fault.code !== 'lease/console-claimed' || !this.#terminal.interactive) throw fault
    }
  }

  async #claim(takeReason?: string): Promise<void> {
    const { api, board, claimant } = this.#options
    await answered(api.consoleClaim.mutate({ board, claimant, ...(takeReason !== undefined && { takeReason }) }))
    this.#writing = true
  }

  async #look(from: number | undefined, waitMs: number, signal: AbortSignal): Promise<Look> {
    const { api, board } = this.#options
    const lastLines = this.#terminal.size.rows - 1
    const key = this.#key
    const call = { board, waitMs, lastLines, ...(from !== undefined && { from }), ...(key !== undefined && { key }) }
    const look = await abortable(answered(api.consoleWatch.query(call)), signal)
    this.#key = look.key
    return look
  }

  async #follow(first: Look, signal: AbortSignal): Promise<never> {
    this.#lastHeardMs = this.#options.clock.ticksMs()
    for (let look = first; ; look = await this.#look(look.to, WAIT_MS, signal)) {
      if (look.skippedBytes > 0)
        this.#terminal.note(`${count(look.skippedBytes, 'byte')} skipped: too slow for this board`)
      if (look !== first) this.#tell(look.state)
      const bytes = Buffer.from(look.base64, 'base64')
      if (bytes.length > 0) this.#lastHeardMs = this.#options.clock.ticksMs()
      await this.#terminal.show(bytes, signal)
    }
  }

  #welcome(state: State): void {
    this.#state = { ...state, writer: this.#writing ? { ...this.#me, reason: null } : state.writer }
    const { board } = this.#options
    const keys = this.#terminal.interactive ? '; Ctrl-] ? helps, Ctrl-] . leaves' : ''
    this.#terminal.note(`${board}: ${state.device}: ${this.#writing ? 'you write' : this.#watching(state)}${keys}`)
    if (state.away !== null) this.#terminal.note(`the console is away: ${state.away}`)
    if (state.trouble) this.#terminal.note(`${board} is in trouble: ${state.trouble.code}: ${state.trouble.seen}`)
  }

  get #me(): { pid: number; name: string } {
    const { pid, user } = this.#options.claimant
    return { pid, name: user }
  }

  /** Says what has changed since the last look. */
  #tell(state: State): void {
    const before = this.#state
    this.#state = state
    const { board, hosting, claimant } = this.#options
    if (state.away !== before?.away)
      this.#terminal.note(
        state.away === null
          ? 'the console is back; what it said meanwhile is missing'
          : `the console is away: ${state.away}; waiting for it`,
      )
    if (state.writer?.pid !== before?.writer?.pid && state.writer?.pid !== claimant.pid) {
      this.#writing = false
      this.#terminal.note(this.#watching(state))
    }
    if (state.trouble && state.trouble.seen !== before?.trouble?.seen) {
      const gone = ['infrastructure/tty-gone', 'infrastructure/board-gone'].includes(state.trouble.code)
      if (hosting && gone) throw Fault.from(state.trouble)
      this.#terminal.note(`${board} is in trouble: ${state.trouble.code}: ${state.trouble.seen}`)
    }
  }

  #typed(bytes: Buffer): Promise<void> | undefined {
    if (!this.#terminal.interactive) return this.#writer.write(bytes)
    let wait: Promise<void> | undefined
    for (const typed of this.#keys.feed(bytes)) {
      if ('command' in typed) this.#obey(typed.command)
      else if (this.#writing) wait = this.#writer.write(typed.bytes) ?? wait
      else if (typed.bytes.includes(CTRL_C)) this.#over.abort(LEFT)
      else this.#hint()
    }
    return wait
  }

  /** Now and then: a key held down, or a terminal that answers a board's question by itself, is not to fill the screen. */
  #hint(): void {
    const nowMs = this.#options.clock.ticksMs()
    if (nowMs - this.#hintedMs < 10_000) return
    this.#hintedMs = nowMs
    this.#terminal.note('you only watch: Ctrl-] c claims the console, Ctrl-] . leaves')
  }

  #obey(command: Command): void {
    const { api, board, watchOnly } = this.#options
    switch (command) {
      case 'leave':
        return this.#over.abort(LEFT)
      case 'help':
        return this.#terminal.note(HELP.join('\n'))
      case 'claim':
        if (watchOnly) return this.#terminal.note('started with --watch: it only watches')
        this.#claim().then(
          () => this.#terminal.note('you write'),
          (error: unknown) => this.#terminal.note(asFault(error).message),
        )
        return
      case 'release':
        this.#writing = false
        answered(api.consoleRelease.mutate({ board })).catch((error: unknown) => this.#over.abort(error))
        return
      case 'size': {
        if (!this.#writing) return this.#hint()
        const { rows, columns } = this.#terminal.size
        void this.#writer.write(Buffer.from(`stty rows ${rows} cols ${columns}\r`))
      }
    }
  }

  async #inputEnded(signal: AbortSignal): Promise<void> {
    if (this.#terminal.interactive) return this.#over.abort(LEFT)
    const { clock } = this.#options
    try {
      await this.#writer.idle()
      const startMs = clock.ticksMs()
      this.#lastHeardMs = Math.max(this.#lastHeardMs, startMs)
      for (;;) {
        const nowMs = clock.ticksMs()
        if (nowMs - this.#lastHeardMs >= SILENCE_MS || nowMs - startMs >= ANSWER_LIMIT_MS) break
        await clock.sleep(50, signal)
      }
      this.#over.abort(LEFT)
    } catch {
      // It is over already, and whoever ended it says why.
    }
  }

  #watching({ writer }: State): string {
    if (!writer) return `nobody writes${this.#terminal.interactive ? ': Ctrl-] c claims the console' : ''}`
    return `you watch; ${writer.name} writes${writer.reason === null ? '' : `: ${writer.reason}`}`
  }

  #onWriteFault(fault: Fault): void {
    const taken = fault.code === 'lease/console-taken'
    if (!this.#terminal.interactive || fault.code === 'infrastructure/agent-gone') return this.#over.abort(fault)
    if (taken) this.#writing = false
    this.#terminal.note(fault.message)
  }
}
