import { createHash, createPublicKey, verify, type KeyObject } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { Fault } from '../base/fault.ts'
import { shortPath } from '../base/paths.ts'
import type { TrustedKeySpec, TrustedLine } from '../model/trust.ts'

/** A key somebody decided to believe. */
export interface TrustedKey {
  readonly key: KeyObject
  /** `SHA256:…` of its public part, the same whatever file it came in. */
  readonly fingerprint: string
  readonly lines: readonly TrustedLine[]
}

const KINDS = ['ed25519', 'ec', 'rsa']

/** Reads trusted keys: PEM files of public keys or certificates. Errors: `configuration/usage` naming the file. */
export function loadTrustedKeys(specs: readonly TrustedKeySpec[]): TrustedKey[] {
  return specs.map(({ key: path, lines }) => {
    try {
      const pem = readFileSync(path, 'utf8')
      // A private key would do as well, and has no business on a test host.
      if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(pem)) throw new Error('a private key')
      const key = createPublicKey(pem)
      if (!KINDS.includes(key.asymmetricKeyType ?? '')) throw new Error(`a key of kind ${key.asymmetricKeyType}`)
      return { key, fingerprint: fingerprintOf(key), lines }
    } catch (cause) {
      throw new Fault('configuration/usage', {
        expected: `a PEM public key or certificate (Ed25519, ECDSA or RSA) in ${shortPath(path)}`,
        seen: (cause as Error).message,
        next: 'correct trust in the bench file, or --trust-key',
        cause,
      })
    }
  })
}

/** The trusted key that made a signature over some bytes in memory. */
export function signerOf(bytes: Buffer, signature: Buffer, keys: readonly TrustedKey[]): TrustedKey | undefined {
  // Ed25519 hashes for itself; ECDSA and RSA are signed over SHA-256 here, as `openssl dgst -sha256 -sign` does.
  return keys.find(({ key }) => isGood(() => verify(isEd25519(key) ? null : 'sha256', bytes, key, signature)))
}

export function isEd25519(key: KeyObject): boolean {
  return key.asymmetricKeyType === 'ed25519'
}

/** A signature of another kind than the key's may be an error to OpenSSL; to us it is just not made by that key. */
export function isGood(check: () => boolean): boolean {
  try {
    return check()
  } catch {
    return false
  }
}

function fingerprintOf(key: KeyObject): string {
  const der = key.export({ type: 'spki', format: 'der' })
  return `SHA256:${createHash('sha256').update(der).digest('base64').replace(/=+$/, '')}`
}
