import type { Duplex } from 'node:stream'

/** Runs commands on a board and gives back exactly what they said. */
export interface Shell extends AsyncDisposable {
  run(argv: readonly string[], options: RunOptions): Promise<ShellResult>
  /** A channel to `host:port` as this shell's machine reaches it. Absent: there is no network to it. */
  forward?(host: string, port: number, limitMs: number, signal: AbortSignal): Promise<Duplex>
}

export interface RunOptions {
  readonly limitMs: number
  readonly signal?: AbortSignal
  /** Sent to the command's standard input. */
  readonly input?: Uint8Array
  /**
   * Takes the output in order and piece by piece, of any length and without keeping it; the result's is then empty. Over
   * SSH as it comes, over a serial console when the command has ended. Must not throw and must not wait.
   */
  readonly onOutput?: (stream: 'stdout' | 'stderr', bytes: Buffer) => void
}

export interface ShellResult {
  /** 128 + n for a command ended by signal n. */
  readonly exitCode: number
  readonly stdout: Buffer
  readonly stderr: Buffer
  readonly durationMs: number
}

/** Where a shell is, and how it is allowed in. */
export interface ShellAddress {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password?: string
  /** Path of a private key. */
  readonly key?: string
  /** What is known of its host keys, `<type> <base64>`: for a connector that must name them before it connects. */
  readonly hostKeys?: readonly string[]
}

/** Decides whether a host key may be trusted. `fingerprint`: `SHA256:…` as OpenSSH prints it. Throws to refuse. */
export type HostKeyCheck = (host: string, fingerprint: string) => void

/** Opens shells over the network: the driver behind a bench file's `shell`. */
export interface Connector {
  /** `through`: an open shell of this connector to jump from. */
  connect(address: ShellAddress, check: HostKeyCheck, signal: AbortSignal, through?: Shell): Promise<Shell>
}
