import type { FaultCode } from '../base/fault-codes.ts'
import { Fault } from '../base/fault.ts'
import { retried } from '../base/retry.ts'
import { systemClock, within, type Clock } from '../base/time.ts'
import type { Connector, Shell, ShellAddress, ShellResult } from '../controls/shell.ts'
import type { BoardSpec } from '../model/bench-file.ts'
import type { BoardType } from '../model/board-type.ts'
import type { HostKeyTrust } from '../model/event.ts'
import { HostKeys } from './host-keys.ts'

const HOST = 'ghaf-host'
/** New connections are spaced: Ghaf's firewall bans a source that opens more than 30 a minute. Twins have no such rule. */
const RETRY_MS = { hardware: 2000, twin: 250 }
const KEY_READ_SPACING_MS = 1000
const KEY_READ_LIMIT_MS = 20_000

type WiredShell = NonNullable<BoardSpec['shell']>

/** What the network needs to know of its board. */
export interface NetworkContext {
  readonly spec: BoardSpec
  /** Where it answers from outside; absent: `hostShell` is the way in. */
  readonly wiring?: WiredShell
  /** The host's shell where it is there without any network. */
  readonly hostShell?: (signal: AbortSignal) => Promise<Shell>
  readonly type: BoardType
  readonly sshLimitMs: number
  /** The shell on the serial console, where there is a login. */
  readonly serial: () => Promise<Shell | undefined>
  readonly onTrust: (trust: HostKeyTrust) => void
  /** Called when a connection to the host was opened. */
  readonly onHost?: () => void
  readonly clock?: Clock
}

/**
 * The way into a board for one boot: the host and its guests, each connection opened once and reused.
 *
 * Where a connection from outside lands is the board's data: on the host (`direct`) or in the guest that owns the
 * network card (`via net-vm`), from where the host is one jump away; or there is none, and the host's serial console leads
 * to its guests. Host keys are read over the serial line first.
 */
export class Network implements AsyncDisposable {
  readonly #context: NetworkContext
  readonly #connector: Connector
  readonly #keys: HostKeys
  readonly #shells = new Map<string, Promise<Shell>>()

  constructor(connector: Connector, context: NetworkContext) {
    this.#connector = connector
    this.#context = context
    this.#keys = new HostKeys(context.onTrust)
  }

  /** The host's shell. `untilMs`: of the clock's ticks, when it must be there however long the board may take. Errors: see `#connect`. */
  host(signal: AbortSignal, untilMs?: number): Promise<Shell> {
    return this.#shell(HOST, signal, untilMs)
  }

  /** A guest's shell, through whatever is in front of it. */
  guest(name: string, signal: AbortSignal): Promise<Shell> {
    return this.#shell(name, signal)
  }

  /** Knocks at the board's address with other credentials: whether they are let in. Errors: as `#connect`. */
  async knock(user: string, password: string, signal: AbortSignal, untilMs?: number): Promise<{ letIn: boolean }> {
    try {
      const address = { ...this.#address, user, password }
      const serial = await this.#context.serial()
      await using _shell = await this.#connect(this.#outer, address, { signal, untilMs, serial })
      return { letIn: true }
    } catch (error) {
      if (error instanceof Fault && error.code === 'product/ssh-auth') return { letIn: false }
      throw error
    }
  }

  get isOpen(): boolean {
    return this.#shells.has(HOST)
  }

  /** Whether somebody answers at the board's address, be it to refuse. One attempt, which trusts nobody. */
  async answers(signal: AbortSignal): Promise<boolean> {
    try {
      const address = { ...this.#address, ...loginOf(this.#context.spec) }
      await using _shell = await this.#connector.connect(address, () => undefined, signal)
      return true
    } catch (error) {
      return error instanceof Fault && error.code === 'product/ssh-auth'
    }
  }

  /** Forgets a connection that was lost, so that the next use opens a new one. */
  forget(): void {
    for (const shell of this.#shells.values())
      void shell.then(open => open[Symbol.asyncDispose]()).catch(() => undefined)
    this.#shells.clear()
  }

  /** Closes the connection to a guest, and those that go through it; a later use opens a new one. */
  async leave(name: string): Promise<void> {
    if (name === this.#outer) return this[Symbol.asyncDispose]()
    const shell = this.#shells.get(name)
    this.#shells.delete(name)
    await shell?.then(open => open[Symbol.asyncDispose]()).catch(() => undefined)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const shells = [...this.#shells.values()].toReversed()
    this.#shells.clear()
    for (const shell of shells) await shell.then(open => open[Symbol.asyncDispose]()).catch(() => undefined)
  }

  #shell(name: string, signal: AbortSignal, untilMs?: number): Promise<Shell> {
    const known = this.#shells.get(name)
    if (known) return known
    const opened =
      name === this.#outer ? this.#connectOuter(signal, untilMs) : this.#connectInside(name, signal, untilMs)
    this.#shells.set(name, opened)
    opened.then(
      () => name === HOST && this.#context.onHost?.(),
      () => this.#shells.delete(name),
    )
    return opened
  }

  /** Who answers at the board's address. */
  get #outer(): string {
    const route = this.#context.wiring?.route ?? 'direct'
    return route === 'direct' ? HOST : route.slice('via '.length)
  }

  get #address(): Pick<ShellAddress, 'host' | 'port'> {
    const { wiring } = this.#context
    if (wiring) return { host: wiring.host ?? 'localhost', port: wiring.port }
    throw new Fault('test/misuse', { expected: 'a board with SSH', seen: 'one that is entered by its console only' })
  }

  async #connectOuter(signal: AbortSignal, untilMs?: number): Promise<Shell> {
    const { hostShell, spec } = this.#context
    if (hostShell) return hostShell(signal)
    const serial = await this.#context.serial()
    if (serial) await this.#readKeysOf(this.#outer, serial, signal)
    return this.#connect(this.#outer, { ...this.#address, ...loginOf(spec) }, { signal, untilMs, serial })
  }

  async #connectInside(name: string, signal: AbortSignal, untilMs?: number): Promise<Shell> {
    const outer = await this.#shell(this.#outer, signal, untilMs)
    const serial = await this.#context.serial()
    const reader = name === HOST ? serial : (serial ?? (this.#outer === HOST ? outer : undefined))
    if (reader) await this.#readKeysOf(name, reader, signal)
    const inside = { host: this.#addressOf(name), port: 22, ...loginOf(this.#context.spec) }
    const address = { ...inside, hostKeys: this.#keys.keysOf(name) }
    return this.#connect(name, address, { signal, untilMs, serial, through: outer })
  }

  #addressOf(name: string): string {
    const inside = this.#context.type.inside
    const address = name === HOST ? inside?.host : inside?.guests[name]
    if (address !== undefined) return address
    const known = Object.keys(inside?.guests ?? {}).join(', ') || 'none'
    throw new Fault('test/misuse', {
      expected: `a guest of ${this.#context.type.name}`,
      seen: `'${name}'; it has ${known}`,
    })
  }

  /** Reads host keys until they are there: a guest starts beside its host's own services. Errors: `product/no-guest`. */
  async #readKeysOf(name: string, inside: Shell, signal: AbortSignal): Promise<void> {
    const { clock = systemClock, sshLimitMs } = this.#context
    const until = clock.ticksMs() + sshLimitMs
    await retried(() => this.#readKeys(inside, name, signal), {
      clock,
      spacingMs: KEY_READ_SPACING_MS,
      signal,
      again: error => error instanceof Fault && error.code === 'product/no-guest' && clock.ticksMs() < until,
    })
  }

  /** Reads host keys from inside the board: the host's own from its files, a guest's over the internal network. */
  async #readKeys(inside: Shell, name: string, signal: AbortSignal): Promise<void> {
    const options = { limitMs: KEY_READ_LIMIT_MS, signal }
    if (name === HOST) {
      const files = await inside.run(['sh', '-c', 'cat /etc/ssh/ssh_host_*_key.pub'], options)
      this.#keys.pin(HOST, files.stdout.toString(), 'console')
      return
    }
    const ask = (types: string): Promise<ShellResult> =>
      inside.run(['ssh-keyscan', '-T', '5', '-t', types, this.#addressOf(name)], options)
    // Each type costs the guest a connection: the others are asked for only where the usual one is not there.
    let scan = await ask('ed25519')
    if (this.#keys.pin(name, scan.stdout.toString(), 'internal-network') > 0) return
    // It names the server it talked to, whatever keys that has.
    if (/SSH-2\.0/.test(scan.stderr.toString())) scan = await ask('ecdsa,rsa')
    if (this.#keys.pin(name, scan.stdout.toString(), 'internal-network') > 0) return
    throw new Fault('product/no-guest', {
      expected: `${name} to answer its host on the internal network`,
      seen: scan.exitCode === 127 ? 'no ssh-keyscan on the host to ask it with' : 'no SSH server there',
      evidence: scan.stderr.toString().split('\n').slice(-5),
    })
  }

  /**
   * Connects, trying again until the board's limit. Errors: `product/ssh-auth`, `infrastructure/ssh-host-key` at once;
   * after the limit `product/ssh-closed` when the board itself says that nothing listens, `product/no-guest` for a guest whose
   * own host cannot connect to it, else `infrastructure/ssh-unreachable`.
   */
  async #connect(
    name: string,
    address: ShellAddress,
    { signal, untilMs = Infinity, serial, through }: ConnectMeans,
  ): Promise<Shell> {
    const { spec, hostShell, clock = systemClock } = this.#context
    const sshLimitMs = Math.min(this.#context.sshLimitMs, Math.max(1, Math.round(untilMs - clock.ticksMs())))
    const check = this.#keys.checkFor(name)
    let last: Fault | undefined
    const late = async (): Promise<Fault> =>
      hostShell
        ? noGuest(name, last)
        : ((name === HOST && serial ? await whyClosed(serial, signal) : undefined) ??
          last ??
          unreachable(address, sshLimitMs))
    const spacingMs = spec.twin ? RETRY_MS.twin : RETRY_MS.hardware
    const attempts = (limited: AbortSignal): Promise<Shell> =>
      retried(() => this.#connector.connect(address, check, limited, through), {
        clock,
        spacingMs,
        signal: limited,
        again: error => {
          if (!(error instanceof Fault) || !RETRYABLE.has(error.code)) return false
          last = error
          return true
        },
      })
    return within(sshLimitMs, late, attempts, signal, clock)
  }
}

interface ConnectMeans {
  readonly signal: AbortSignal
  readonly untilMs?: number | undefined
  readonly serial?: Shell | undefined
  readonly through?: Shell | undefined
}

const RETRYABLE = new Set<FaultCode>(['infrastructure/ssh-unreachable', 'infrastructure/ssh-lost'])

function loginOf(spec: BoardSpec): Pick<ShellAddress, 'user' | 'password' | 'key'> {
  const { user, password, key } = spec.login
  return { user, ...(password !== undefined && { password }), ...(key !== undefined && { key }) }
}

/** A guest that does not answer its own host: no equipment of the bench is between the two. */
export function noGuest(name: string, fault?: Fault): Fault {
  const { seen = 'no answer to its ssh', evidence = [] } = fault ?? {}
  return new Fault('product/no-guest', {
    expected: `${name} to answer its host over SSH`,
    seen,
    evidence,
    cause: fault,
  })
}

function unreachable(address: ShellAddress, limitMs: number): Fault {
  return new Fault('infrastructure/ssh-unreachable', {
    expected: `an SSH server at ${address.host}:${address.port} within ${limitMs} ms`,
    seen: 'no answer',
  })
}

/** Asks the board over its console whether anything listens on port 22: only that tells a dead server from a dead cable. */
export async function whyClosed(serial: Shell, signal: AbortSignal): Promise<Fault | undefined> {
  const tables = await serial
    .run(['sh', '-c', 'cat /proc/net/tcp /proc/net/tcp6 2>/dev/null'], { limitMs: KEY_READ_LIMIT_MS, signal })
    .catch(() => undefined)
  if (!tables || tables.stdout.length === 0) return undefined
  const listens = tables.stdout
    .toString()
    .split('\n')
    .some(line => /^\s*\d+: [0-9A-F]+:0016 [0-9A-F]+:0000 0A /.test(line))
  if (listens) return undefined
  return new Fault('product/ssh-closed', {
    expected: 'an SSH server listening on port 22 of the board',
    seen: 'the board is up on its console and nothing listens there',
  })
}
