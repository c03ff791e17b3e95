import { createHash } from 'node:crypto'
import { Fault } from '../base/fault.ts'
import type { HostKeyCheck } from '../controls/shell.ts'
import type { HostKeyTrust } from '../model/event.ts'

const KEY = /((?:ssh|ecdsa)-\S+) ([A-Za-z0-9+/=]{40,})/

/** `SHA256:…` of a public key line `<type> <base64> [comment]`, as `ssh-keygen -l` prints it; undefined of anything else. */
export function fingerprintOf(line: string): string | undefined {
  const blob = KEY.exec(line)?.[2]
  if (blob === undefined) return undefined
  return `SHA256:${createHash('sha256').update(Buffer.from(blob, 'base64')).digest('base64').replace(/=+$/, '')}`
}

/**
 * The SSH identities believed for one boot of one board.
 *
 * A key read over the serial line is out of band: whoever answers with another one is not this board. Without a console
 * login the first key seen is believed and recorded as such.
 */
export class HostKeys {
  readonly #pinned = new Map<string, { fingerprints: Set<string>; how: HostKeyTrust['how'] }>()
  readonly #keys = new Map<string, readonly string[]>()
  readonly #told = new Set<string>()
  readonly #onTrust: (trust: HostKeyTrust) => void

  /** `onTrust` is told once of each identity. */
  constructor(onTrust: (trust: HostKeyTrust) => void) {
    this.#onTrust = onTrust
  }

  /** Believes the keys in some text: `ssh-keyscan` output or `*.pub` files. Returns how many there were. */
  pin(host: string, text: string, how: HostKeyTrust['how']): number {
    const keys = text.split('\n').flatMap(line => KEY.exec(line)?.[0] ?? [])
    const fingerprints = new Set(keys.map(key => fingerprintOf(key)!))
    if (fingerprints.size > 0) {
      this.#pinned.set(host, { fingerprints, how })
      this.#keys.set(host, keys)
    }
    return fingerprints.size
  }

  /** The keys themselves that were pinned: `<type> <base64>`. */
  keysOf(host: string): readonly string[] {
    return this.#keys.get(host) ?? []
  }

  /** A check for connections to `host`. Errors: `infrastructure/ssh-host-key`. */
  checkFor(host: string): HostKeyCheck {
    return (_address, fingerprint) => {
      const pinned = this.#pinned.get(host)
      if (!pinned) {
        this.#pinned.set(host, { fingerprints: new Set([fingerprint]), how: 'first-use' })
        this.#tell({ how: 'first-use', host, fingerprint })
        return
      }
      if (!pinned.fingerprints.has(fingerprint))
        throw new Fault('infrastructure/ssh-host-key', {
          expected: `${host} to show the key read ${WORDS[pinned.how]}: ${[...pinned.fingerprints].join(', ')}`,
          seen: fingerprint,
        })
      this.#tell({ how: pinned.how, host, fingerprint })
    }
  }

  #tell(trust: HostKeyTrust): void {
    const identity = `${trust.host} ${trust.fingerprint}`
    if (this.#told.has(identity)) return
    this.#told.add(identity)
    this.#onTrust(trust)
  }
}

const WORDS: Record<HostKeyTrust['how'], string> = {
  console: 'over its serial console',
  'internal-network': 'by its host over the internal network',
  'first-use': 'at first use',
}
