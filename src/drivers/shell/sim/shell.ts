import { Fault } from '../../../base/fault.ts'
import { shellLine } from '../../../base/text.ts'
import { abortable, within, type Clock } from '../../../base/time.ts'
import type { RunOptions, Shell, ShellResult } from '../../../controls/shell.ts'
import type { SimBoard } from '../../../sim/lab/board.ts'
import type { Outcome } from '../../../sim/lab/machine.ts'
import type { Connection } from '../../../sim/lab/network-card.ts'

/** What a keepalive takes to notice that nobody answers. */
const KEEPALIVE_MS = 10_000
const ALIVE_LIMIT_MS = 12_000

/** A shell on one SSH connection to a simulated board: commands are slow, or never come back. */
export class SimShell implements Shell {
  readonly connection: Connection
  readonly #board: SimBoard
  readonly #clock: Clock
  readonly #lost = new AbortController()
  #watch: Disposable | undefined

  constructor(board: SimBoard, connection: Connection, clock: Clock) {
    this.#board = board
    this.connection = connection
    this.#clock = clock
    this.#keepAlive()
  }

  async run(argv: readonly string[], options: RunOptions): Promise<ShellResult> {
    const line = shellLine(argv)
    const startMs = this.#clock.ticksMs()
    const late = async (): Promise<Fault> => {
      const alive = await this.#runOnce('true', {}, this.#clock.timeout(ALIVE_LIMIT_MS)).catch(() => undefined)
      if (!alive) return this.#lostFault('it answers nothing any more')
      return new Fault('product/command-timeout', {
        expected: `'${line.slice(0, 200)}' to end in ${options.limitMs} ms`,
        seen: 'it was still running and was stopped',
      })
    }
    const outcome = await within(
      options.limitMs,
      late,
      signal => this.#runOnce(line, options, signal),
      options.signal,
      this.#clock,
    )
    const { onOutput } = options
    const durationMs = this.#clock.ticksMs() - startMs
    if (!onOutput) return { ...outcome, durationMs }
    onOutput('stdout', outcome.stdout)
    onOutput('stderr', outcome.stderr)
    return { exitCode: outcome.exitCode, stdout: Buffer.alloc(0), stderr: Buffer.alloc(0), durationMs }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#watch?.[Symbol.dispose]()
    this.#board.network.close(this.connection)
    this.#lost.abort(this.#lostFault('it was closed'))
  }

  async #runOnce(line: string, { input }: Pick<RunOptions, 'input'>, signal: AbortSignal): Promise<Outcome> {
    const { network } = this.#board
    const { promise, resolve } = Promise.withResolvers<Outcome>()
    this.#board.acted(this.#clock, 'runs a command by SSH')
    this.#board.after(network.latencyMs(), () => {
      if (!network.carries(this.connection)) return
      const job = this.connection.machine.execute(line, input, outcome =>
        this.#clock.after(network.latencyMs(), () => {
          if (network.carries(this.connection)) resolve(outcome)
        }),
      )
      signal.addEventListener('abort', () => job.interrupt(), { once: true })
    })
    return await abortable(promise, AbortSignal.any([signal, this.#lost.signal]))
  }

  /** Asks from time to time whether anybody is there. */
  #keepAlive(): void {
    this.#watch = this.#clock.after(KEEPALIVE_MS, () => {
      if (this.#board.network.carries(this.connection)) return this.#keepAlive()
      this.#lost.abort(this.#lostFault('keepalive timeout'))
    })
  }

  #lostFault(seen: string): Fault {
    const { name } = this.connection.machine
    return new Fault('infrastructure/ssh-lost', { expected: `the SSH connection to ${name} to last`, seen })
  }
}
