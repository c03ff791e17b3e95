import { setMaxListeners } from 'node:events'
import { createTRPCClient, createWSClient, TRPCClientError, wsLink, type TRPCClient, type TRPCLink } from '@trpc/client'
import { observable } from '@trpc/server/observable'
import { WebSocket, type ClientOptions } from 'ws'
import { Fault, type FaultRecord } from '../base/fault.ts'
import type { Router } from './router.ts'

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

/** Connects to an agent: behind a unix socket, or by TLS. `onLost`: the connection ended, and not by us. */
export function connect(at: string | AgentUrl, onLost: () => void = () => undefined): AgentClient {
  const url = typeof at === 'string' ? `ws+unix:${at}:/` : at.url.replace(/^http/, 'ws')
  const options = typeof at === 'string' ? {} : optionsOf(at)
  let closed = false
  const lost = new AbortController()
  // One a call under way.
  setMaxListeners(0, lost.signal)
  const opened: WebSocket[] = []
  const socket = createWSClient({
    url,
    WebSocket: class extends WebSocket {
      constructor(url: string | URL, protocols?: string | string[]) {
        // An agent never comes back. tRPC would try for ever, and keep the process: even a client that was closed does,
        // when a call was just under way (11.25, WsClient.flushOutgoing).
        if (opened.length > 0) return NEVER_OPEN as WebSocket
        super(url, protocols, options)
        opened.push(this)
        // Also one that was never made: refused, or nobody there.
        this.once('close', () => {
          lost.abort()
          if (!closed) onLost()
        })
      }
    } as unknown as typeof globalThis.WebSocket,
  })
  return {
    api: createTRPCClient<Router>({ links: [failWhen(lost.signal), wsLink({ client: socket })] }),
    [Symbol.dispose]: () => {
      closed = true
      void socket.close()
      // It would wait for its calls first, and a console always has one open.
      opened[0]?.terminate()
    },
  }
}

/** Ends the calls of a connection that is lost, those too that it was never made for: tRPC would let them wait. */
function failWhen(lost: AbortSignal): TRPCLink<Router> {
  return () =>
    ({ next, op }) =>
      observable(observer => {
        const calling = next(op).subscribe(observer)
        const fail = (): void => observer.error(TRPCClientError.from(new Error('the connection ended or was refused')))
        if (lost.aborted) fail()
        else lost.addEventListener('abort', fail, { once: true })
        return () => {
          lost.removeEventListener('abort', fail)
          calling.unsubscribe()
        }
      })
}

function optionsOf({ url, token, ca }: AgentUrl): ClientOptions {
  // A token in clear is everybody's.
  if (!/^https:|^wss:/.test(url))
    throw new Fault('configuration/usage', { expected: 'an agent at https://HOST:PORT', seen: url })
  return { headers: { authorization: `Bearer ${token}` }, ...(ca !== undefined && { ca }) }
}

/** Looks like a connection that is still being made, and holds nothing. */
const NEVER_OPEN: object = Object.assign(new EventTarget(), {
  readyState: WebSocket.CONNECTING,
  send: () => {},
  close: () => {},
})

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
