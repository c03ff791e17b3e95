import { Fault } from '../../base/fault.ts'
import { systemClock, type Clock } from '../../base/time.ts'
import type { RunOptions, Shell, ShellResult } from '../../controls/shell.ts'
import type { SerialShell } from '../serial-shell/serial-shell.ts'

const ASK_LIMIT_MS = 20_000
const FAREWELL_LIMIT_MS = 1500
/** The first that takes a password from a program although there is a terminal (`SSH_ASKPASS_REQUIRE`). */
const OLDEST = { major: 8, minor: 4 }

/** Names the programs that are missing, and then the version. */
const ASK = 'for p in ssh ssh-keyscan mktemp; do command -v $p >/dev/null || echo "no $p"; done; ssh -V 2>&1'

/** The host's shell on its serial console, whichever that is at the time: a lost one is opened anew. */
export class SerialHost implements Shell {
  readonly #open: (signal: AbortSignal) => Promise<SerialShell>
  readonly #clock: Clock
  #last: SerialShell | undefined

  constructor(open: (signal: AbortSignal) => Promise<SerialShell>, clock: Clock = systemClock) {
    this.#open = open
    this.#clock = clock
  }

  async run(argv: readonly string[], options: RunOptions): Promise<ShellResult> {
    this.#last = await this.#open(options.signal ?? this.#clock.timeout(options.limitMs))
    return this.#last.run(argv, options)
  }

  /** Makes sure that it can reach guests. Errors: `test/misuse` for a host without OpenSSH's programs. */
  async ready(signal: AbortSignal): Promise<this> {
    const said = (await this.run(['sh', '-c', ASK], { limitMs: ASK_LIMIT_MS, signal })).stdout.toString().trim()
    const missing = said.match(/^no .*$/gm)
    const [, major, minor] = (/^OpenSSH_(\d+)\.(\d+)/m.exec(said) ?? []).map(Number)
    const old = major === undefined || major < OLDEST.major || (major === OLDEST.major && minor! < OLDEST.minor)
    if (missing || old)
      throw new Fault('test/misuse', {
        expected: `OpenSSH ${OLDEST.major}.${OLDEST.minor} or newer on the host, to reach its guests over the console`,
        seen: missing?.join(', ') ?? (said.split('\n')[0] || 'no version of ssh'),
        next: `add OpenSSH's client to the image, or wire the board's SSH and use vm(name, { by: 'ssh' })`,
      })
    return this
  }

  /** Runs a last command where the shell still answers; nobody is waited for long, and a lost shell is not opened for it. */
  async farewell(argv: readonly string[]): Promise<void> {
    if (!this.#last || this.#last.lost) return
    const signal = this.#clock.timeout(FAREWELL_LIMIT_MS)
    await this.#last.run(argv, { limitMs: 2 * FAREWELL_LIMIT_MS, signal }).catch(() => undefined)
  }

  /** Nothing: the shell is the board's. */
  async [Symbol.asyncDispose](): Promise<void> {}
}
