import { createTRPCClient, createWSClient, TRPCClientError, wsLink, type TRPCClient } from '@trpc/client'
import { WebSocket } from 'ws'
import { Fault, type FaultRecord } from '../base/fault.ts'
import type { Router } from './router.ts'

/** A connection to an agent. */
export interface AgentClient extends Disposable {
  readonly api: TRPCClient<Router>
}

/** Connects to the agent behind a unix socket. `onLost`: the connection ended, and not by us. */
export function connect(socketPath: string, onLost: () => void = () => undefined): AgentClient {
  let closed = false
  const opened: WebSocket[] = []
  const socket = createWSClient({
    url: `ws+unix:${socketPath}:/`,
    WebSocket: class extends WebSocket {
      constructor(url: string | URL, protocols?: string | string[]) {
        // An agent never comes back. tRPC would try for ever, and keep the process: even a client that was closed does,
        // when a call was just under way (11.25, WsClient.flushOutgoing).
        if (opened.length > 0) return NEVER_OPEN as WebSocket
        super(url, protocols)
        opened.push(this)
      }
    } as unknown as typeof globalThis.WebSocket,
    onClose: () => {
      if (!closed) onLost()
    },
  })
  return {
    api: createTRPCClient<Router>({ links: [wsLink({ client: socket })] }),
    [Symbol.dispose]: () => {
      closed = true
      void socket.close()
      // It would wait for its calls first, and a console always has one open.
      opened[0]?.terminate()
    },
  }
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
