import { Fault } from '../base/fault.ts'
import { within } from '../base/time.ts'
import type { ConsolePort } from '../controls/console.ts'
import type { LoaderFacts } from '../model/board-type.ts'
import { literal, typeProven } from './u-boot/typing.ts'

/** What a command said. U-Boot has one output only. */
export interface UBootResult {
  readonly exitCode: number
  /** Exact, with `\n` for each line end. */
  readonly output: string
}

export interface UBootOptions {
  /** Default 30 s. */
  readonly limitMs?: number
  readonly signal?: AbortSignal
}

const DEFAULT_LIMIT_MS = 30_000
/** How long an interrupted command may take to give the prompt back. */
const INTERRUPT_LIMIT_MS = 2000
/** `CONFIG_SYS_CBSIZE` is 512 on small boards, and cuts what is longer without a word. */
const MAX_LINE_CHARS = 500

/**
 * A U-Boot at its prompt: commands with exact output and exit code.
 *
 * Nobody else writes to the console then, so that the typed line can be proven by its echo before it is run: a UART
 * without flow control loses what is typed while U-Boot is busy. A numbered marker behind the command ends its output.
 * Source: https://docs.u-boot.org/en/v2023.01/usage/cmdline.html. Tested: U-Boot 2023.01 on QEMU.
 */
export class UBoot {
  readonly #port: ConsolePort
  readonly #facts: LoaderFacts
  #count = 0

  /** For a console that stands at the prompt; see `stopAutoboot`. */
  constructor(port: ConsolePort, facts: LoaderFacts) {
    this.#port = port
    this.#facts = facts
  }

  /**
   * Runs a line of commands. A non-zero exit code is a result, not an error.
   *
   * Errors: `product/command-timeout` after the limit, with the prompt restored; `test/misuse` for a line it cannot
   * parse or that is too long; `infrastructure/serial-corrupt` when it does not arrive whole.
   */
  async run(command: string, options: UBootOptions = {}): Promise<UBootResult> {
    const { limitMs = DEFAULT_LIMIT_MS, signal } = options
    const id = `${++this.#count}.${this.#port.end()}`
    const line = `${command}; echo {hil.${id}.$?}`
    if (!/^[\x20-\x7e]+$/.test(command) || line.length > MAX_LINE_CHARS)
      throw new Fault('test/misuse', {
        expected: `one line of printable ASCII, at most ${MAX_LINE_CHARS} characters with its marker`,
        seen: `${line.length} characters: ${JSON.stringify(command.slice(0, 60))}`,
      })
    try {
      // Not within the limit: a line that does not get through is not the command's fault.
      await typeProven(this.#port, line, this.#facts, signal)
      return await within(
        limitMs,
        () => late(command, limitMs),
        until => this.#ask(command, id, until),
        signal,
        this.#port.clock,
      )
    } catch (error) {
      // The next command finds a prompt, whatever became of this one.
      await this.#interrupt().catch(() => undefined)
      throw error
    }
  }

  /** A variable of the environment; undefined when there is none of that name. */
  async getEnv(name: string, options?: UBootOptions): Promise<string | undefined> {
    const { exitCode, output } = await this.run(`printenv ${nameOf(name)}`, options)
    return exitCode === 0 ? output.slice(name.length + 1).replace(/\n$/, '') : undefined
  }

  /**
   * Sets a variable, or removes it when the value is undefined or empty; kept over a power cycle only with `save`.
   *
   * Proven by reading it back. Errors: `product/no-prompt` when U-Boot refuses (a write-protected variable, no place to save).
   */
  async setEnv(
    name: string,
    value: string | undefined,
    options: UBootOptions & { save?: boolean } = {},
  ): Promise<void> {
    const set = value ? ` ${quote(value)}` : ''
    await this.#must(`setenv ${nameOf(name)}${set}`, options)
    const kept = await this.getEnv(name, options)
    if ((kept ?? '') !== (value ?? ''))
      throw refused(`setenv ${name}`, `it holds ${JSON.stringify(kept)} instead of ${JSON.stringify(value)}`)
    if (options.save) await this.#must('saveenv', options)
  }

  /** Gives the board up to a command that does not come back: `boot`, `reset`. */
  async leave(command: 'boot' | 'reset', signal: AbortSignal): Promise<void> {
    await typeProven(this.#port, command, this.#facts, signal)
    await this.#port.write('\r')
  }

  async #must(command: string, options: UBootOptions): Promise<void> {
    const { exitCode, output } = await this.run(command, options)
    if (exitCode !== 0) throw refused(command, `exit code ${exitCode}: ${output.trim().slice(0, 200)}`)
  }

  async #ask(command: string, id: string, signal: AbortSignal): Promise<UBootResult> {
    const port = this.#port
    const from = port.end()
    await port.write('\r')
    const prompt = literal(this.#facts.prompt)
    // The marker and the prompt behind it; or a prompt without a marker, or the one that asks for the rest of a line.
    const end = new RegExp(`\\{hil\\.${literal(id)}\\.(\\d{1,10})\\}\\r?\\n${prompt}|\\n(${prompt}|> )$`)
    const { from: to, groups } = await port.expect(end, { from, limitMs: MAX_WAIT_MS, signal, late: () => new Error() })
    const said = port.slice(from, to).toString('utf8').replaceAll(/\r+\n/g, '\n')
    const output = said.slice(said.indexOf('\n') + 1)
    if (groups[0] !== undefined) return { exitCode: Number(groups[0]), output }
    throw new Fault('test/misuse', {
      expected: 'a line that U-Boot can parse',
      seen: `${JSON.stringify(command)}: ${output.trim() || 'an open quote or block'}`,
    })
  }

  async #interrupt(): Promise<void> {
    const from = this.#port.end()
    await this.#port.write('\u0003')
    const prompt = new RegExp(`\\n${literal(this.#facts.prompt)}$`)
    await this.#port.expect(prompt, { from, limitMs: INTERRUPT_LIMIT_MS, late: () => new Error('no prompt') })
  }
}

/** The wait is bounded by the command's own limit. */
const MAX_WAIT_MS = 3_600_000

/** A word of U-Boot's shell that means exactly `value`: it takes backslashes off even between single quotes. */
function quote(value: string): string {
  return `'${value.replaceAll('\\', '\\\\').replaceAll("'", `'\\''`)}'`
}

function nameOf(name: string): string {
  if (/^[\w.:-]{1,100}$/.test(name)) return name
  throw new Fault('test/misuse', { expected: 'the name of a U-Boot variable', seen: JSON.stringify(name) })
}

function refused(command: string, seen: string): Fault {
  return new Fault('product/no-prompt', {
    expected: `U-Boot to do ${command}`,
    seen,
    next: "see the console: the variable may be write-protected, or U-Boot's environment may have no place to be saved in",
  })
}

function late(command: string, limitMs: number): Fault {
  return new Fault('product/command-timeout', {
    expected: `${command} to end within ${limitMs} ms`,
    seen: 'it was still running in U-Boot',
  })
}
