import { Fault } from '../../base/fault.ts'
import type { Random } from '../../base/random.ts'
import { shellLine } from '../../base/text.ts'
import type { RunOptions, Shell, ShellResult } from '../../controls/shell.ts'
import type { SerialHost } from './host.ts'
import { isOwnCode, MarkFilter, withOwnCode } from './own-code.ts'

const STOP_LIMIT_MS = 10_000

/**
 * Commands in a guest, by the `ssh` of its host on the connection that `hostSsh` opened in `folder`.
 *
 * As exact as the host's shell: output, errors and exit code are the guest's command's own. What ends with a code of `ssh`
 * is `infrastructure/ssh-lost`.
 */
export class GuestShell implements Shell {
  readonly #host: SerialHost
  readonly #folder: string
  readonly #where: string
  readonly #session: string
  #commands = 0

  constructor(host: SerialHost, folder: string, where: string, random: Random) {
    this.#session = random(4).toString('hex')
    this.#host = host
    this.#folder = folder
    this.#where = where
  }

  async run(argv: readonly string[], options: RunOptions): Promise<ShellResult> {
    const mark = `hil-${this.#session}-${++this.#commands}~`
    const own = new MarkFilter(mark)
    const { onOutput } = options
    const pass = (stream: 'stdout' | 'stderr', bytes: Buffer): void => {
      const kept = stream === 'stdout' ? bytes : own.pass(bytes)
      if (kept.length > 0) onOutput?.(stream, kept)
    }
    const argvOnHost = this.#onHost(withOwnCode(argv, mark))
    const result = await this.#host
      .run(argvOnHost, { ...options, ...(onOutput && { onOutput: pass }) })
      .catch(async (error: unknown) => {
        if (!(error instanceof Fault)) throw error
        if (error.code === 'product/command-timeout') this.#stop(mark)
        const expected = error.expected.replace(shellLine(argvOnHost), () => `${shellLine(argv)} on ${this.#where}`)
        throw new Fault(error.code, { ...error.record(), expected, cause: error })
      })
    const stderr = Buffer.concat([own.pass(result.stderr), own.rest()])
    if (!isOwnCode(result.exitCode, own)) throw await this.#lost(result.exitCode)
    if (!onOutput) return { ...result, stderr }
    if (stderr.length > 0) onOutput('stderr', stderr)
    return result
  }

  /** Ends the connection and removes all that was left on the host. */
  async [Symbol.asyncDispose](): Promise<void> {
    const script = 'ssh -F "$1/config" -O exit guest 2>/dev/null; rm -rf "$1"'
    await this.#host.farewell(['sh', '-c', script, 'sh', this.#folder])
  }

  #onHost(argv: readonly string[]): string[] {
    return ['ssh', '-F', `${this.#folder}/config`, '-E', `${this.#folder}/log`, 'guest', shellLine(argv)]
  }

  /** Kills what an interrupt on the host does not reach: a command in the guest outlives the `ssh` that ran it. */
  #stop(mark: string): void {
    // The brackets: it must not find itself. The server made each command the leader of a group.
    const script = `for p in $(grep -ls '[h]${mark.slice(1)}' /proc/[0-9]*/cmdline); do p=\${p#/proc/}; kill -9 -- -\${p%/cmdline}; done 2>/dev/null`
    this.#host.run(this.#onHost(['sh', '-c', script]), { limitMs: STOP_LIMIT_MS }).catch(() => undefined)
  }

  async #lost(exitCode: number): Promise<Fault> {
    const log = await this.#host
      .run(['tail', '-n', '5', `${this.#folder}/log`], { limitMs: STOP_LIMIT_MS })
      .catch(() => undefined)
    const evidence = log?.stdout.toString().trim().split('\n').filter(Boolean) ?? []
    return new Fault('infrastructure/ssh-lost', {
      expected: `the host's SSH connection to ${this.#where} to last`,
      seen: `its ssh ended with ${exitCode}`,
      evidence,
    })
  }
}
