import { createPrivateKey, X509Certificate } from 'node:crypto'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { SecureContextOptions } from 'node:tls'
import { Fault } from '../base/fault.ts'
import type { BenchAgent } from './bench-agent.ts'
import { listen, type Service } from './serve.ts'

/** A certificate and its own key, PEM. */
export interface TlsPair {
  readonly key: string
  readonly cert: string
}

/** An agent that answers other hosts. */
export interface ServedTls extends AsyncDisposable {
  readonly port: number
  /** Shows another certificate to whoever comes from now on. Errors: `configuration/usage` for a key of another one; then the last one stays. */
  renew(pair: TlsPair): void
}

/** None of the versions before can keep a token secret (RFC 8996). */
const OLDEST = { minVersion: 'TLSv1.2' } as const

/**
 * Serves the agent of a bench to other hosts: TLS only, and a token for each caller. Errors: `configuration/usage` for a key that is
 * not the certificate's, and for an address that cannot be had.
 */
export async function serveTls(
  bench: BenchAgent,
  { host, port, pair, callerOf }: { host: string; port: number; pair: TlsPair } & Pick<Service, 'callerOf'>,
): Promise<ServedTls> {
  const server: Server = ofOne(pair, options => createServer(options))
  const listening = await listen(server, { host, port }, { agent: bench.agent, bench, callerOf })
  return {
    port: (server.address() as AddressInfo).port,
    renew: pair => ofOne(pair, options => server.setSecureContext(options)),
    ...listening,
  }
}

/** Node itself takes an empty certificate or key, and then serves nobody. */
function ofOne<T>(pair: TlsPair, take: (options: SecureContextOptions) => T): T {
  try {
    if (!new X509Certificate(pair.cert).checkPrivateKey(createPrivateKey(pair.key)))
      throw new Error('the key is of another certificate')
    return take({ ...pair, ...OLDEST })
  } catch (cause) {
    throw new Fault('configuration/usage', {
      expected: 'a certificate and its own key, both as PEM',
      seen: (cause as Error).message,
      next: 'compare what --tls-cert and --tls-key name',
      cause,
    })
  }
}
