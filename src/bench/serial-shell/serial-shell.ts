import { Fault } from '../../base/fault.ts'
import { systemRandom, type Random } from '../../base/random.ts'
import { shellLine } from '../../base/text.ts'
import { abortable, within } from '../../base/time.ts'
import type { ConsolePort } from '../../controls/console.ts'
import type { RunOptions, Shell, ShellResult } from '../../controls/shell.ts'
import type { Recording } from '../recording.ts'
import { AnswerAssembly, PartSize } from './answer.ts'
import { NoWayThrough, type Conversation } from './conversation.ts'
import type { StreamName } from './frame.ts'
import { PART_SIZES, PLAIN_CHARS } from './prelude.ts'
import { READY_LIMIT_MS, startConversation } from './start.ts'
import { commandText, inputLines } from './typed.ts'

/** How long a command gets to end after an interrupt before the shell is given up. */
const INTERRUPT_LIMIT_MS = 3000
const LEAVE_LIMIT_MS = 10_000
/** Both outputs together may be as long as this, unless they are taken piece by piece. */
const MAX_OUTPUT_BYTES = 64 << 20

/** What became of an interrupt; see `Conversation.interrupt`. */
type Interrupted = ReturnType<Conversation['interrupt']>

/** A command at work. */
interface Call {
  readonly argv: readonly string[]
  readonly options: RunOptions
  startedMs: number
  assembly: AnswerAssembly | undefined
}

/**
 * Commands over a serial console with the exact standard output, standard error and exit code, although kernel and
 * other programs print in between and the line damages what is sent, in both directions. What cannot be had exactly is
 * `infrastructure/serial-corrupt`, never a guess.
 *
 * Needs on the board: a POSIX `sh` of 64-bit arithmetic, `stty`, a `/proc` and a directory to write to; `base64`, `cksum`
 * and `split` where it has them. One command at a time. Its answer comes when the command has ended.
 */
export class SerialShell implements Shell {
  readonly #conversation: Conversation
  readonly #partSize = new PartSize()
  /** What the board was told last. */
  #partBytes: number = PART_SIZES[0]
  #turn: Promise<unknown> = Promise.resolve()
  #lost = false

  private constructor(conversation: Conversation) {
    this.#conversation = conversation
  }

  /** Prepares the shell that waits at the console's prompt; tells `onNote` what had to be done without. Errors: see `startConversation`. */
  static async start(
    port: ConsolePort,
    recording: Recording,
    signal: AbortSignal,
    {
      limitMs = READY_LIMIT_MS,
      onNote,
      random = systemRandom,
    }: { limitMs?: number; onNote?: (note: string) => void; random?: Random } = {},
  ): Promise<SerialShell> {
    const { conversation, notes } = await startConversation(port, recording, signal, limitMs, random)
    for (const note of notes) onNote?.(note)
    return new SerialShell(conversation)
  }

  /** Nothing answered an interrupt: the board was restarted, or hangs. */
  get lost(): boolean {
    return this.#lost
  }

  /** Errors: `product/command-timeout`, `infrastructure/serial-corrupt`, `infrastructure/console-silent`, `test/misuse`. */
  async run(argv: readonly string[], options: RunOptions): Promise<ShellResult> {
    const { clock } = this.#conversation
    const { promise: over, resolve: release } = Promise.withResolvers<void>()
    const before = this.#turn
    this.#turn = before.then(() => over)
    const call: Call = { argv, options, startedMs: 0, assembly: undefined }
    let interrupted: Interrupted | undefined
    // The caller goes on at once; only the next command waits until the shell is free for it.
    const interrupt = (): Interrupted => (interrupted ??= this.#interrupt().finally(release))
    try {
      const result = await within(
        options.limitMs,
        () => whyLate(call, interrupt),
        async signal => {
          await abortable(before, signal)
          call.startedMs = clock.ticksMs()
          return await this.#ask(call, signal)
        },
        options.signal,
        clock,
      )
      release()
      return { ...result, durationMs: clock.ticksMs() - call.startedMs }
    } catch (error) {
      if (call.startedMs > 0) void interrupt()
      else release()
      throw error instanceof NoWayThrough ? corrupt(argv) : error
    }
  }

  /** Gives the console back to the shell that was there, at its prompt. Errors: `infrastructure/console-silent` when it is not. */
  async leave(signal: AbortSignal): Promise<void> {
    await abortable(this.#turn, signal)
    this.#lost = true
    if (!(await this.#conversation.leave(LEAVE_LIMIT_MS, signal)))
      throw new Fault('infrastructure/console-silent', {
        expected: `the shell below to answer within ${LEAVE_LIMIT_MS} ms`,
        seen: 'no answer to a command',
      })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#turn
    this.#conversation[Symbol.dispose]()
  }

  async #ask(call: Call, signal: AbortSignal): Promise<Omit<ShellResult, 'durationMs'>> {
    const conversation = this.#conversation
    const { argv, options } = call
    const kept = { o: [] as Buffer[], e: [] as Buffer[], size: 0 }
    const deliver = (stream: StreamName, bytes: Buffer): void => {
      if (options.onOutput) return options.onOutput(stream === 'o' ? 'stdout' : 'stderr', bytes)
      kept.size += bytes.length
      if (kept.size > MAX_OUTPUT_BYTES) throw tooMuchOutput(argv)
      kept[stream].push(bytes)
    }
    if (options.input)
      await this.#prepare(inputLines(options.input, conversation.encoding === 'base64' ? 'base64' : 'octal'), signal)
    if (this.#partBytes !== this.#partSize.bytes) await this.#tellPartSize(signal)
    const assembly = new AnswerAssembly(deliver, this.#partSize, conversation)
    call.assembly = assembly
    await conversation.exchange([commandText(argv, options.input !== undefined)], assembly, signal)
    if (assembly.refusal) throw unanswerable(argv, assembly.refusal)
    // One of damage, not of ours: the command was stopped halfway, and may not be run a second time.
    if (!assembly.proven || assembly.interrupted) throw corrupt(argv, assembly.interrupted)
    return { exitCode: assembly.exitCode, stdout: Buffer.concat(kept.o), stderr: Buffer.concat(kept.e) }
  }

  /** Has lines run that answer nothing but that they were. */
  async #prepare(lines: readonly string[], signal: AbortSignal): Promise<void> {
    await this.#conversation.exchange(lines, { take: () => false }, signal)
  }

  async #tellPartSize(signal: AbortSignal): Promise<void> {
    const bytes = this.#partSize.bytes
    const plain = Math.max(48, Math.floor((PLAIN_CHARS * bytes) / PART_SIZES[0]))
    await this.#prepare([`_z=${bytes};_g=${plain};_a`], signal)
    this.#partBytes = bytes
  }

  async #interrupt(): Interrupted {
    const { clock } = this.#conversation
    const answer = await this.#conversation
      .interrupt(INTERRUPT_LIMIT_MS, clock.timeout(2 * INTERRUPT_LIMIT_MS))
      .catch(() => undefined)
    this.#lost = !answer
    return answer
  }
}

/** Blames a command's limit by what the command was at: waiting for another one, running, or answering. */
async function whyLate(
  { argv, options: { limitMs }, startedMs, assembly }: Call,
  interrupt: () => Interrupted,
): Promise<Fault> {
  const command = shellLine(argv)
  if (startedMs === 0)
    return new Fault('test/misuse', {
      expected: `${command} to get its turn within ${limitMs} ms`,
      seen: 'another command still running on the serial console',
      next: 'the console runs one command at a time: wait for one before the next, or give it a longer limit',
    })
  if (assembly?.begun)
    return new Fault('infrastructure/serial-corrupt', {
      expected: `the whole answer to ${command} within ${limitMs} ms`,
      seen: 'it ended, but its answer was still coming',
      next: 'give it a longer limit: at 115200 baud 100 kB take 12 s, more when a damaged answer is sent again',
    })
  const stopped = await interrupt()
  if (stopped && assembly?.isOf(stopped.ran))
    return new Fault('product/command-timeout', {
      expected: `${command} to end within ${limitMs} ms`,
      seen: 'it was still running on the serial console',
    })
  if (stopped)
    return new Fault('infrastructure/serial-corrupt', {
      expected: `${command} to begin within ${limitMs} ms`,
      seen: 'it, or what it was to read, did not get through to the board in that time',
      next: 'give it a longer limit: at 115200 baud 100 kB take 12 s, more on a line that damages what is sent',
    })
  return new Fault('infrastructure/console-silent', {
    expected: `${command} to end within ${limitMs} ms, or to be stopped`,
    seen: `no answer, and none to an interrupt in ${INTERRUPT_LIMIT_MS} ms`,
    next: 'look whether the board was restarted or hangs, and check the console cable in both directions',
  })
}

function corrupt(argv: readonly string[], interrupted = false): Fault {
  return new Fault('infrastructure/serial-corrupt', {
    expected: `an undamaged answer to ${shellLine(argv)}`,
    seen: interrupted
      ? 'damage that reached the board as an interrupt, and stopped it'
      : 'damage in every transmission',
  })
}

function unanswerable(argv: readonly string[], refusal: 'unsendable' | 'unwritable'): Fault {
  const expected = `the output of ${shellLine(argv)}`
  if (refusal === 'unwritable')
    return new Fault('product/no-shell', {
      expected,
      seen: 'a board that could not open the files to keep it in',
      next: 'look whether its file system for temporary files is full or was remounted read-only',
    })
  return new Fault('product/no-shell', {
    expected,
    seen: 'binary or long output on a board with neither base64 nor od',
    next: 'add one of them to the image, or have the command print less than 300 plain characters',
  })
}

function tooMuchOutput(argv: readonly string[]): Fault {
  return new Fault('test/misuse', {
    expected: `at most ${MAX_OUTPUT_BYTES} bytes of output of ${shellLine(argv)}`,
    seen: 'more',
    next: 'filter on the board, write to a file there, or take it piece by piece with onOutput',
  })
}
