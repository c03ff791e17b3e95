import { readFileSync } from 'node:fs'
import type { BenchAgent } from '../agent/bench-agent.ts'
import { whyRefusedSoon } from '../agent/certificate.ts'
import { serveTls, type ServedTls, type TlsPair } from '../agent/serve-tls.ts'
import type { Service } from '../agent/serve.ts'
import { asFault, Fault } from '../base/fault.ts'
import { every, systemClock } from '../base/time.ts'

export interface DoorOptions {
  readonly listen?: string
  readonly tlsKey?: string
  readonly tlsCert?: string
}

const DAY_MS = 24 * 60 * 60 * 1000

/** By which other hosts come to an agent: it says once a day what will keep them out soon. */
export class TlsDoor {
  readonly #at: { host: string; port: number }
  readonly #paths: TlsPair
  #pair: TlsPair
  #served: ServedTls | undefined

  /** Errors: `configuration/usage` for files that cannot be read. */
  constructor(at: { host: string; port: number }, paths: TlsPair) {
    this.#at = at
    this.#paths = paths
    this.#pair = readPair(paths)
  }

  /** Errors: those of `serveTls`. */
  async open(bench: BenchAgent, callerOf: Service['callerOf']): Promise<ServedTls> {
    const served = await serveTls(bench, { ...this.#at, pair: this.#pair, callerOf })
    this.#served = served
    this.#warn()
    const daily = every(systemClock, DAY_MS, () => this.#warn())
    return {
      ...served,
      [Symbol.asyncDispose]: async () => {
        daily[Symbol.dispose]()
        await served[Symbol.asyncDispose]()
      },
    }
  }

  /** Reads its files again; what is wrong with them is told, and changes nothing. */
  renew(): void {
    try {
      const pair = readPair(this.#paths)
      this.#served?.renew(pair)
      this.#pair = pair
      process.stderr.write(`hil agent: ${this.#paths.cert} is shown to other hosts from now on\n`)
      this.#warn()
    } catch (error) {
      process.stderr.write(`hil agent: its certificate stays as it was: ${asFault(error).message}\n`)
    }
  }

  #warn(): void {
    const why = whyRefusedSoon(this.#pair.cert, systemClock.nowMs())
    if (why === undefined) return
    process.stderr.write(
      `hil agent: other hosts will refuse ${this.#paths.cert}: ${why}\n  next: renew it, then send SIGHUP\n`,
    )
  }
}

/** The door that options ask for; undefined: none. Errors: `configuration/usage`. */
export function doorOf({ listen, tlsKey, tlsCert }: DoorOptions): TlsDoor | undefined {
  if (listen === undefined && tlsKey === undefined && tlsCert === undefined) return undefined
  if (listen === undefined)
    throw new Fault('configuration/usage', {
      expected: '--tls-key and --tls-cert with --listen HOST:PORT',
      seen: 'no --listen',
    })
  const [, host, port] = /^(.*):(\d+)$/.exec(listen) ?? []
  if (host === undefined || tlsKey === undefined || tlsCert === undefined)
    throw new Fault('configuration/usage', {
      expected: '--listen HOST:PORT with --tls-key and --tls-cert',
      seen: host === undefined ? `--listen ${listen}` : 'no key, or no certificate',
    })
  if (Number(port) > 65_535)
    throw new Fault('configuration/usage', { expected: 'a port up to 65535', seen: `--listen ${listen}` })
  return new TlsDoor({ host, port: Number(port) }, { key: tlsKey, cert: tlsCert })
}

function readPair({ key, cert }: TlsPair): TlsPair {
  return { key: read(key), cert: read(cert) }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new Fault('configuration/usage', { expected: `a readable ${path}`, seen: (cause as Error).message, cause })
  }
}
