import { createTRPCClient, TRPCClientError, type TRPCClient } from '@trpc/client'
import { WebSocket, type ClientOptions } from 'ws'
import { Fault, type FaultRecord } from '../base/fault.ts'
import { systemClock } from '../base/time.ts'
import { watchOpening, type Opening } from './opening.ts'
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
  /** The certificate to trust, in place of those of the system, PEM. */
  readonly ca?: string
}

/** Told that a connection ended, and not by us. `why`: where that is known; `refused`: it was never made. */
export type OnLost = (why?: string, refused?: Fault) => void

/** How long an agent may take to answer at first: one elsewhere, and one here, which may be kept from it as long as its pulse. */
const LIMIT_MS = { there: 15_000, here: 60_000 }

/** Connects to an agent: behind a unix socket, or by TLS. `signal` ends the attempt, not a connection that was made. */
export function connect(
  at: string | AgentUrl,
  onLost: OnLost = () => undefined,
  signal?: AbortSignal,
  limitMs = typeof at === 'string' ? LIMIT_MS.here : LIMIT_MS.there,
): AgentClient {
  if (typeof at === 'string')
    return clientOver(new WebSocket(`ws+unix:${at}:/`), onLost, systemClock, { address: at, signal, limitMs })
  const options = optionsOf(at)
  const socket = new WebSocket(at.url.replace(/^http/, 'ws'), options)
  return clientOver(socket, onLost, systemClock, { address: at.url, signal, limitMs })
}

/** The same over a socket that is there, or is being made. */
export function clientOver(socket: WebSocket, onLost: OnLost, clock = systemClock, opening: Opening = {}): AgentClient {
  let closed = false
  let silent: string | undefined
  const refused = watchOpening(socket, clock, opening)
  const api = createTRPCClient<Router>({ links: [socketLink(socket, refused)] })
  endWhenSilent(socket, clock, why => (silent = `${why} of the agent`))
  socket.once('close', (_code, reason) => {
    const told = reason.length > 0 ? `the agent ended the connection: ${reason.toString()} of this process` : undefined
    if (!closed) onLost(silent ?? told, refused())
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
  if (!/^https:|^wss:/.test(url) || !URL.canParse(url))
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
