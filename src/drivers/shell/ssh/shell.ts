import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import type { Client } from 'ssh2'
import { Fault } from '../../../base/fault.ts'
import { shellLine } from '../../../base/text.ts'
import { abortable, systemClock, within } from '../../../base/time.ts'
import type { RunOptions, Shell, ShellResult } from '../../../controls/shell.ts'
import { startCommand, type RunningCommand } from './command.ts'
import type { OpenClient } from './open.ts'
import { Slots } from './slots.ts'

const CLOSE_LIMIT_MS = 1000
/** Longer than the keepalive takes to notice a dead connection. */
const ALIVE_LIMIT_MS = 12_000

/** A shell on one SSH connection, which it owns. */
export class SshShell implements Shell {
  readonly #client: Client
  readonly #lost: AbortSignal
  readonly #where: string
  readonly #slots: Slots

  constructor({ client, lost, channels }: OpenClient, where: string) {
    this.#client = client
    this.#lost = lost
    this.#where = where
    this.#slots = new Slots(channels)
  }

  /**
   * Errors: `product/command-timeout` (counted from when a channel is free), `infrastructure/ssh-lost`, `test/misuse`
   * for more than 64 MiB of output.
   */
  async run(argv: readonly string[], options: RunOptions): Promise<ShellResult> {
    const line = shellLine(argv)
    using slots = new DisposableStack()
    slots.use(await this.#slots.take(options.signal))
    const startMs = performance.now()
    // A line that went dead shows only seconds later: a command is called slow when the connection is seen to live.
    const late = async (): Promise<Fault> => {
      const alive = await this.#runOnce('true', undefined, systemClock.timeout(ALIVE_LIMIT_MS)).catch(() => undefined)
      if (!alive) return this.#lostFault('it answers nothing any more')
      return new Fault('product/command-timeout', {
        expected: `'${line.slice(0, 200)}' to end in ${options.limitMs} ms`,
        seen: 'it was still running and was stopped',
      })
    }
    const work = async (signal: AbortSignal): Promise<ShellResult> => {
      const result = await this.#runOnce(line, options.input, signal)
      return { ...result, durationMs: performance.now() - startMs }
    }
    return await within(options.limitMs, late, work, options.signal)
  }

  /** A channel to `host:port` as this shell's machine reaches it. Errors: `infrastructure/ssh-unreachable`. */
  async forward(host: string, port: number, limitMs: number, signal: AbortSignal): Promise<Duplex> {
    const unreachable = (seen: string): Fault =>
      new Fault('infrastructure/ssh-unreachable', {
        expected: `${host}:${port} to answer through ${this.#where}`,
        seen,
      })
    const opened = new Promise<Duplex>((resolve, reject) => {
      this.#client.forwardOut('127.0.0.1', 0, host, port, (error, channel) =>
        error ? reject(error) : resolve(channel),
      )
    })
    try {
      const late = (): Fault => unreachable(`nothing in ${limitMs} ms`)
      return await within(limitMs, late, limited => abortable(opened, AbortSignal.any([limited, this.#lost])), signal)
    } catch (error) {
      opened.then(channel => channel.destroy()).catch(() => {})
      throw error instanceof Fault || signal.aborted ? error : unreachable((error as Error).message)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#client.end()
    if (this.#lost.aborted) return
    // Not `destroy()`, which does nothing after `end()`: a board that died keeps such a connection half open for ever.
    const socket = (this.#client as unknown as { _sock?: Duplex })._sock
    const timer = setTimeout(() => socket?.destroy(), CLOSE_LIMIT_MS)
    await once(this.#lost, 'abort')
    clearTimeout(timer)
  }

  async #runOnce(
    line: string,
    input: Uint8Array | undefined,
    signal: AbortSignal,
  ): Promise<Omit<ShellResult, 'durationMs'>> {
    let command: RunningCommand | undefined
    const starting = startCommand(this.#client, line, input).then(started => (command = started))
    try {
      return await abortable(
        starting.then(started => started.ended),
        AbortSignal.any([signal, this.#lost]),
      )
    } catch (error) {
      if (command) await command.stop()
      else starting.then(started => started.stop()).catch(() => {})
      if (error instanceof Fault || signal.aborted) throw error
      throw this.#lostFault((error as Error).message)
    }
  }

  #lostFault(seen: string): Fault {
    return new Fault('infrastructure/ssh-lost', { expected: `the SSH connection to ${this.#where} to last`, seen })
  }
}
