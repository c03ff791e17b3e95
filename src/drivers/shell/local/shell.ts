import { spawn, type ChildProcess } from 'node:child_process'
import { constants } from 'node:os'
import { Fault } from '../../../base/fault.ts'
import { shellLine } from '../../../base/text.ts'
import { abortable, within } from '../../../base/time.ts'
import type { RunOptions, Shell, ShellResult } from '../../../controls/shell.ts'

/** Both outputs together may be as long as this. */
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024

/** Commands of this host, each a process group of its own that does not outlive its command's limit or the shell. */
export class LocalShell implements Shell {
  readonly #enter: readonly string[]
  readonly #running = new Set<ChildProcess>()

  constructor(enter: readonly string[]) {
    this.#enter = enter
  }

  /** Errors: `product/command-timeout`; `test/misuse` for more than 64 MiB of output. */
  async run(argv: readonly string[], options: RunOptions): Promise<ShellResult> {
    const startMs = performance.now()
    const line = shellLine(argv)
    const late = (): Fault =>
      new Fault('product/command-timeout', {
        expected: `'${line.slice(0, 200)}' to end in ${options.limitMs} ms`,
        seen: 'it was still running and was stopped',
      })
    const result = await within(options.limitMs, late, signal => this.#runOnce(argv, options, signal), options.signal)
    return { ...result, durationMs: performance.now() - startMs }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#running) killGroup(child)
  }

  async #runOnce(
    argv: readonly string[],
    { input, onOutput }: RunOptions,
    signal: AbortSignal,
  ): Promise<Omit<ShellResult, 'durationMs'>> {
    signal.throwIfAborted()
    const [name = '', ...args] = [...this.#enter, ...argv]
    const child = spawn(name, args, { stdio: ['pipe', 'pipe', 'pipe'], detached: true })
    this.#running.add(child)
    const ended = Promise.withResolvers<number>()
    const said = { stdout: [] as Buffer[], stderr: [] as Buffer[] }
    let size = 0
    for (const stream of ['stdout', 'stderr'] as const)
      child[stream].on('data', (chunk: Buffer) => {
        if (onOutput) return onOutput(stream, chunk)
        size += chunk.length
        if (size > MAX_OUTPUT_BYTES) return ended.reject(tooMuchOutput(argv))
        said[stream].push(chunk)
      })
    // Of a command that does not read its input.
    child.stdin.on('error', () => undefined)
    child.stdin.end(input)
    child.once('error', (error: NodeJS.ErrnoException) => {
      said.stderr.push(Buffer.from(`${error.message}\n`))
      ended.resolve(error.code === 'ENOENT' ? 127 : 126)
    })
    // Both outputs have ended by then: whatever a command leaves behind must not hold them.
    child.once('close', (code, by) => ended.resolve(code ?? 128 + (by === null ? 0 : (constants.signals[by] ?? 0))))
    try {
      const exitCode = await abortable(ended.promise, signal)
      return { exitCode, stdout: Buffer.concat(said.stdout), stderr: Buffer.concat(said.stderr) }
    } finally {
      if (child.exitCode === null && child.signalCode === null) killGroup(child)
      this.#running.delete(child)
    }
  }
}

function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It ended by itself in the meantime.
  }
}

function tooMuchOutput(argv: readonly string[]): Fault {
  return new Fault('test/misuse', {
    expected: `at most ${MAX_OUTPUT_BYTES} bytes of output of '${shellLine(argv).slice(0, 200)}'`,
    seen: 'more',
    next: 'filter on the machine, or write to a file there',
  })
}
