import { chmodSync, chownSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getWSConnectionHandler, type WSConnectionHandlerOptions } from '@trpc/server/adapters/ws'
import { WebSocketServer, type WebSocket } from 'ws'
import { Fault } from '../base/fault.ts'
import type { Agent } from './agent.ts'
import type { BenchAgent } from './bench-agent.ts'
import { TRUSTED, type Caller } from './caller.ts'
import { endWhenSilent } from './pulse.ts'
import { router, type Router } from './router.ts'
import { freePlace } from './socket-place.ts'
import type { RouterContext } from './trpc.ts'

/** An agent that answers on a unix socket. */
export interface Served extends AsyncDisposable {
  readonly socketPath: string
}

/** How long those who watch a console may take to hear that their board was released, and leave by themselves. */
const FAREWELL_MS = 500

/** What is served, and to whom. */
export interface Service {
  readonly agent: Agent
  readonly bench?: BenchAgent
  /** Who is at the other end; undefined: nobody who may call. */
  readonly callerOf: (request: IncomingMessage) => Caller | undefined
}

/** Serves an agent on a unix socket in a folder only this user may enter. */
export async function serve(agent: Agent): Promise<Served> {
  const folder = mkdtempSync(join(tmpdir(), 'hil-'))
  const socketPath = join(folder, 'agent.sock')
  const listening = await listen(createServer(), { path: socketPath }, { agent, callerOf: () => TRUSTED })
  return {
    socketPath,
    [Symbol.asyncDispose]: async () => {
      await listening[Symbol.asyncDispose]()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/**
 * Serves the agent of a bench on a unix socket, to this user and, where a group is named, to its members. What an agent
 * that was killed left at that place is removed. Errors: `configuration/usage` where a file or another process is, and for a place
 * where no socket can be.
 */
export async function serveBench(
  bench: BenchAgent,
  { socketPath, groupId, callerOf }: { socketPath: string; groupId?: number } & Pick<Service, 'callerOf'>,
): Promise<Served> {
  await freePlace(socketPath)
  // From the first moment on nobody may enter who may not later.
  const mask = process.umask(0o177)
  try {
    const listening = await listen(createServer(), { path: socketPath }, { agent: bench.agent, bench, callerOf })
    if (groupId !== undefined) {
      chownSync(socketPath, -1, groupId)
      chmodSync(socketPath, 0o660)
    }
    return {
      socketPath,
      [Symbol.asyncDispose]: async () => {
        await listening[Symbol.asyncDispose]()
        rmSync(socketPath, { force: true })
      },
    }
  } finally {
    process.umask(mask)
  }
}

/** Answers on a server that does not listen yet. Errors: `configuration/usage` for a place that cannot be had. */
export async function listen(
  http: Server,
  at: { path: string } | { host: string; port: number },
  service: Service,
): Promise<AsyncDisposable> {
  const wss = new WebSocketServer({
    server: http,
    perMessageDeflate: false,
    verifyClient: ({ req }: { req: IncomingMessage }) => service.callerOf(req) !== undefined,
  })
  wss.on('connection', answering(service))
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  // It repeats the errors of its server, and an error to which nobody listens ends the process.
  wss.on('error', cause => reject(unheard(at, cause)))
  http.listen(at, resolve)
  await promise
  return {
    [Symbol.asyncDispose]: async () => {
      await farewell(wss)
      for (const client of wss.clients) client.terminate()
      wss.close()
      http.closeAllConnections()
      await new Promise(resolve => http.close(resolve))
    },
  }
}

function unheard(at: { path: string } | { host: string; port: number }, cause: Error): Fault {
  return new Fault('configuration/usage', {
    expected: `to listen on ${'path' in at ? at.path : `${at.host}:${at.port}`}`,
    seen: cause.message,
    next: 'path' in at ? 'name another place with --socket' : 'name another address or port with --listen',
    cause,
  })
}

/** Answers to whoever connects, for as long as they are heard of. */
export function answering({ agent, bench, callerOf }: Service): (socket: WebSocket, request: IncomingMessage) => void {
  const options: WSConnectionHandlerOptions<Router> = {
    router,
    createContext: ({ req, res }): RouterContext => {
      const gone = new AbortController()
      res.once('close', () =>
        gone.abort(new Fault('infrastructure/worker-lost', { expected: 'the caller to wait', seen: 'it is gone' })),
      )
      const caller = callerOf(req) ?? { role: 'see' }
      return { agent, connection: gone.signal, gone: gone.signal, claims: new Map(), caller, bench }
    },
  }
  // Its type asks for a server, of which it reads nothing.
  const handle = getWSConnectionHandler(options as Parameters<typeof getWSConnectionHandler<Router>>[0])
  return (socket, request) => {
    endWhenSilent(socket, agent.clock)
    handle(socket, request)
  }
}

async function farewell({ clients }: WebSocketServer): Promise<void> {
  const left = [...clients].map(client => new Promise(resolve => client.once('close', resolve)))
  if (left.length === 0) return
  const { promise: late, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, FAREWELL_MS)
  await Promise.race([Promise.all(left), late])
  clearTimeout(timer)
}
