import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { applyWSSHandler } from '@trpc/server/adapters/ws'
import { WebSocketServer } from 'ws'
import { Fault } from '../base/fault.ts'
import type { Agent } from './agent.ts'
import { router } from './router.ts'
import type { RouterContext } from './trpc.ts'

/** An agent that answers on a unix socket. */
export interface Served extends AsyncDisposable {
  readonly socketPath: string
}

/** How long those who watch a console may take to hear that their board was released, and leave by themselves. */
const FAREWELL_MS = 500

/** Serves an agent on a unix socket in a folder only this user may enter. */
export async function serve(agent: Agent): Promise<Served> {
  const folder = mkdtempSync(join(tmpdir(), 'hil-'))
  const socketPath = join(folder, 'agent.sock')
  const http = createServer()
  const wss = new WebSocketServer({ server: http, perMessageDeflate: false })
  applyWSSHandler({
    wss,
    router,
    createContext: ({ res }): RouterContext => {
      const gone = new AbortController()
      res.once('close', () =>
        gone.abort(new Fault('infrastructure/worker-lost', { expected: 'the caller to wait', seen: 'it is gone' })),
      )
      return { agent, gone: gone.signal, claims: new Map() }
    },
  })
  await new Promise<void>((resolve, reject) => {
    http.once('error', reject)
    http.listen(socketPath, resolve)
  })
  return {
    socketPath,
    [Symbol.asyncDispose]: async () => {
      await farewell(wss)
      for (const client of wss.clients) client.terminate()
      wss.close()
      http.closeAllConnections()
      await new Promise(resolve => http.close(resolve))
      rmSync(folder, { recursive: true, force: true })
    },
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
