import { findProgram } from '../../../src/base/program.ts'

/** The same work by a KV bucket of NATS. */
export function natsPairs(_clients: number, _forMs: number): Promise<{ pairs: number } | { why: string }> {
  return Promise.resolve({ why: findProgram('nats-server') ? 'no client yet' : 'no nats-server on this host' })
}
