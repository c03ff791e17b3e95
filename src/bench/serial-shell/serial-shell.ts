import { Fault } from '../../base/fault.ts'
import { shellLine } from '../../base/text.ts'
import { abortable, systemClock, within } from '../../base/time.ts'
import type { ConsolePort } from '../../controls/console.ts'
import type { RunOptions, Shell, ShellResult } from '../../controls/shell.ts'
import type { Recording } from '../recording.ts'
import { AnswerAssembly, type Answer } from './answer.ts'
import { Deframer } from './deframer.ts'
import { callLine, preludeLines, preludeVerdict } from './prelude.ts'

/** How long a shell may take to prove the prelude: the login proved that it is there, loaded as the board may be. */
const READY_LIMIT_MS = 7500
const MAX_PRELUDES = 3
/** How much slower a prelude is typed that did not arrive whole: a UART without flow control may have been overrun. */
const LINE_PAUSE_MS = 20
/** How long a shell gets to digest `^C`: what is typed while it does may be thrown away. */
const INTERRUPT_PAUSE_MS = 50
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

  /**
   * Prepares the shell that waits at the console's prompt. Errors: `infrastructure/serial-corrupt` when what is typed
   * arrives damaged time and again, `product/no-shell` when nothing answers twice.
   */
  static async start(
    port: ConsolePort,
    recording: Recording,
    signal: AbortSignal,
    limitMs = READY_LIMIT_MS,
  ): Promise<SerialShell> {
    let damage: string | undefined
    let silences = 0
    for (let n = 1; n <= MAX_PRELUDES && silences < 2; n++) {
      const verdict = await typePrelude(port, `${port.end()}.${n}`, { slowly: n > 1, limitMs, signal })
      if (verdict?.proven) return new SerialShell(port, recording)
      damage = verdict?.md5 ?? damage
      if (verdict) continue
      silences++
      // Whatever stands there half typed, an open quote for instance, must not swallow the next attempt.
      await port.write('\u0003')
      await systemClock.sleep(INTERRUPT_PAUSE_MS, signal)
    }
    const expected = 'a shell after the login'
    if (damage === undefined) throw new Fault('product/no-shell', { expected, seen: 'no answer to a command' })
    if (damage === '')
      throw new Fault('product/no-shell', {
        expected: `${expected}, with md5sum`,
        seen: 'no checksum of what was typed',
        next: 'serial commands need md5sum and base64 on the board: see its PATH and its packages',
      })
    throw new Fault('infrastructure/serial-corrupt', {
      expected: 'what is typed on the console to arrive undamaged',
      seen: `damage in ${MAX_PRELUDES} attempts`,
    })
  }

  async run(argv: readonly string[], options: RunOptions): Promise<ShellResult> {
    const { promise: over, resolve: release } = Promise.withResolvers<void>()
    const before = this.#turn
    this.#turn = before.then(() => over)
    const call: { assembly?: AnswerAssembly; startedMs: number } = { startedMs: 0 }
    try {
      const answer = await within(
        options.limitMs,
        () => whyLate(argv, options.limitMs, call.assembly),
        async signal => {
          await abortable(before, signal)
          call.startedMs = performance.now()
          call.assembly = new AnswerAssembly(String(++this.#count))
          return this.#ask(call.assembly, argv, signal, options.input)
        },
        options.signal,
      )
      release()
      return { ...answer, durationMs: performance.now() - call.startedMs }
    } catch (error) {
      // The caller goes on at once; only the next command waits until the shell is free for it.
      if (call.assembly) void this.#interrupt().then(release)
      else release()
      throw error
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#turn
  }

  async #ask(
    assembly: AnswerAssembly,
    argv: readonly string[],
    signal: AbortSignal,
    input?: Uint8Array,
  ): Promise<Answer> {
    const { id } = assembly
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

  async #interrupt(): Promise<void> {
    this.#port.write('\u0003').catch(() => undefined)
    await systemClock.sleep(INTERRUPT_PAUSE_MS)
  }
}

/** Types the prelude; what the board found it to be, or nothing when it says nothing. */
async function typePrelude(
  port: ConsolePort,
  attempt: string,
  options: { slowly: boolean; limitMs: number; signal: AbortSignal },
): Promise<{ proven: boolean; md5: string } | undefined> {
  const { slowly, limitMs, signal } = options
  const from = port.end()
  const lines = preludeLines(attempt)
  for (const text of slowly ? lines : [lines.join('')]) {
    await port.write(text)
    if (slowly) await systemClock.sleep(LINE_PAUSE_MS, signal)
  }
  const silence = new Error('silence')
  try {
    const { groups } = await port.expect(preludeVerdict(attempt), { from, limitMs, signal, late: () => silence })
    return { proven: groups[0] !== undefined, md5: groups[0] ?? groups[1] ?? '' }
  } catch (error) {
    if (error === silence) return undefined
    throw error
  }
}

/** Blames a command's limit by what the command was at: waiting for another one, running, or answering. */
function whyLate(argv: readonly string[], limitMs: number, assembly: AnswerAssembly | undefined): Fault {
  const command = shellLine(argv)
  if (!assembly)
    return new Fault('test/misuse', {
      expected: `${command} to get its turn within ${limitMs} ms`,
      seen: 'another command still running on the serial console',
      next: 'the console runs one command at a time: wait for one before the next, or give it a longer limit',
    })
  if (assembly.begun)
    return new Fault('infrastructure/serial-corrupt', {
      expected: `the whole answer to ${command} within ${limitMs} ms`,
      seen: 'it ended, but its answer was still coming',
      next: 'give it a longer limit: at 115200 baud 100 kB take 12 s, more when a damaged answer is sent again',
    })
  return new Fault('product/command-timeout', {
    expected: `${command} to end within ${limitMs} ms`,
    seen: 'it was still running on the serial console',
  })
}

function corrupt(argv: readonly string[]): Fault {
  return new Fault('infrastructure/serial-corrupt', {
    expected: `an undamaged answer to ${shellLine(argv)}`,
    seen: `damage in each of ${MAX_REPEATS + 1} transmissions`,
  })
}
