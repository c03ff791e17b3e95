import { Fault } from '../../base/fault.ts'
import { shellLine } from '../../base/text.ts'
import { within } from '../../base/time.ts'
import type { ConsolePort } from '../../controls/console.ts'
import type { RunOptions, Shell, ShellResult } from '../../controls/shell.ts'
import type { Recording } from '../recording.ts'
import { AnswerAssembly, type Answer } from './answer.ts'
import { Deframer } from './deframer.ts'
import { callLine, prelude } from './prelude.ts'

const READY_LIMIT_MS = 15_000
const MAX_REPEATS = 4
/** How long to listen after an answer's frames stopped coming before asking for them again. */
const QUIET_MS = 1500
const FIRST_PROBE_MS = 5000

/**
 * Commands over a serial console with the exact standard output, standard error and exit code, although kernel and
 * other programs print in between. What cannot be had exactly is `infrastructure/serial-corrupt`, never a guess.
 *
 * Needs on the board: a POSIX `sh`, `md5sum` and `base64` (busybox has them), a `/proc`. One command at a time.
 */
export class SerialShell implements Shell {
  readonly #port: ConsolePort
  readonly #recording: Recording
  #turn: Promise<unknown> = Promise.resolve()
  #count = 0

  private constructor(port: ConsolePort, recording: Recording) {
    this.#port = port
    this.#recording = recording
  }

  /** Prepares the shell that waits at the console's prompt. Errors: `product/no-shell`. */
  static async start(port: ConsolePort, recording: Recording, signal: AbortSignal): Promise<SerialShell> {
    const from = port.end()
    const mark = `ready.${from}`
    await port.write(prelude(mark))
    await port.expect(new RegExp(`~${mark}~`), {
      from,
      limitMs: READY_LIMIT_MS,
      signal,
      late: () =>
        new Fault('product/no-shell', { expected: 'a shell after the login', seen: 'no answer to a command' }),
    })
    return new SerialShell(port, recording)
  }

  run(argv: readonly string[], options: RunOptions): Promise<ShellResult> {
    const turn = this.#turn.then(() => this.#run(argv, options))
    this.#turn = turn.catch(() => undefined)
    return turn
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#turn
  }

  async #run(argv: readonly string[], options: RunOptions): Promise<ShellResult> {
    const startedMs = performance.now()
    const id = String(++this.#count)
    const answer = await within(
      options.limitMs,
      () => this.#interrupt(argv, options.limitMs),
      signal => this.#ask(id, argv, signal, options.input),
      options.signal,
    )
    return { ...answer, durationMs: performance.now() - startedMs }
  }

  async #ask(id: string, argv: readonly string[], signal: AbortSignal, input?: Uint8Array): Promise<Answer> {
    const assembly = new AnswerAssembly(id)
    const deframer = new Deframer()
    const { promise, resolve, reject } = Promise.withResolvers<Answer>()
    const say = (text: string): void => void this.#port.write(text).catch(reject)
    const command = input
      ? `printf %s ${Buffer.from(input).toString('base64')} | base64 -d | ${shellLine(argv)}`
      : shellLine(argv)
    const call = callLine(id, command, input ? 'sh' : (argv[0] ?? ''))
    let repeats = 0
    let silenceMs = FIRST_PROBE_MS
    // A call that was lost whole gets no answer at all; asking for one tells that from a long command.
    const probe = (): void => {
      say(`_ha ${id}\n`)
      quiet = setTimeout(probe, (silenceMs *= 2))
    }
    let quiet = setTimeout(probe, silenceMs)
    const again = (what: string): void => {
      if (++repeats > MAX_REPEATS) reject(corrupt(argv))
      else say(what)
    }
    using _follow = this.#recording.follow(chunk => {
      const frames = deframer.feed(chunk)
      if (frames.length > 0) clearTimeout(quiet)
      for (const frame of frames) {
        const progress = assembly.take(frame)
        if (progress.state === 'done') resolve(progress.answer)
        else if (progress.state === 'again') again(`_ha ${id}\n`)
        else if (progress.state === 'refused') again(call.join(''))
      }
      // The last frame of an answer may itself have been damaged.
      if (frames.length > 0) quiet = setTimeout(() => again(`_ha ${id}\n`), QUIET_MS)
    })
    const onAbort = (): void => reject(signal.reason as Error)
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      for (const line of call) say(line)
      return await promise
    } finally {
      clearTimeout(quiet)
      signal.removeEventListener('abort', onAbort)
    }
  }

  async #interrupt(argv: readonly string[], limitMs: number): Promise<Fault> {
    await this.#port.write('\u0003').catch(() => undefined)
    return new Fault('product/command-timeout', {
      expected: `${shellLine(argv)} to end within ${limitMs} ms`,
      seen: 'it was still running on the serial console',
    })
  }
}

function corrupt(argv: readonly string[]): Fault {
  return new Fault('infrastructure/serial-corrupt', {
    expected: `an undamaged answer to ${shellLine(argv)}`,
    seen: `damage in each of ${MAX_REPEATS + 1} transmissions`,
  })
}
