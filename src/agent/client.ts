import { createTRPCClient, TRPCClientError, type TRPCClient } from '@trpc/client'
import { WebSocket, type ClientOptions } from 'ws'
import { Fault, type FaultRecord } from '../base/fault.ts'
import { systemClock } from '../base/time.ts'
import { endWhenSilent } from './pulse.ts'
import type { Router } from './router.ts'
import { socketLink } from './socket-link.ts'

/** A connection to an agent. */
export interface AgentClient extends Disposable {
  readonly api: TRPCClient<Router>
}

/** An agent on another host. */
export interface AgentUrl {
  /** `https://host:port`. */
  readonly url: string
  readonly token: string
  /** A certificate to trust beside those of the system, PEM. */
  readonly ca?: string
}

/** Connects to an agent: behind a unix socket, or by TLS. `onLost`: the connection ended, and not by us; why, where that is known. */
export function connect(at: string | AgentUrl, onLost: (why?: string) => void = () => undefined): AgentClient {
  const url = typeof at === 'string' ? `ws+unix:${at}:/` : at.url.replace(/^http/, 'ws')
  return clientOver(new WebSocket(url, typeof at === 'string' ? {} : optionsOf(at)), onLost)
}

/** The same over a socket that is there, or is being made. */
export function clientOver(socket: WebSocket, onLost: (why?: string) => void, clock = systemClock): AgentClient {
  let closed = false
  // 'close' follows, also of one that was never made: refused, or nobody there.
  socket.on('error', () => undefined)
  const api = createTRPCClient<Router>({ links: [socketLink(socket)] })
  let silent: string | undefined
  endWhenSilent(socket, clock, why => (silent = `${why} of the agent`))
  socket.once('close', (_code, reason) => {
    const told = reason.length > 0 ? `the agent ended the connection: ${reason.toString()} of this process` : undefined
    if (!closed) onLost(silent ?? told)
  })
  return {
    api,
    [Symbol.dispose]: () => {
      closed = true
      // Calls under way, of which a console always has one, are not waited for.
      socket.terminate()
    },
  }
}

function optionsOf({ url, token, ca }: AgentUrl): ClientOptions {
  // A token in clear is everybody's.
  if (!/^https:|^wss:/.test(url))
    throw new Fault('configuration/usage', { expected: 'an agent at https://HOST:PORT', seen: url })
  return { headers: { authorization: `Bearer ${token}` }, ...(ca !== undefined && { ca }) }
}

/** Awaits a call and throws what the agent threw: its fault, not the transport's wrapping. */
export async function answered<T>(call: Promise<T>): Promise<T> {
  try {
    return await call
  } catch (error) {
    if (!(error instanceof TRPCClientError)) throw error
    const fault = (error.data as { fault?: FaultRecord } | undefined)?.fault
    if (fault) throw Fault.from(fault)
    throw new Fault('infrastructure/agent-gone', {
      expected: 'an answer of the agent',
      seen: error.message,
      cause: error,
    })
  }
}
