import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { applyWSSHandler } from '@trpc/server/adapters/ws'
import { WebSocketServer } from 'ws'
import { Fault } from '../base/fault.ts'
import type { Agent } from './agent.ts'
import { router, type RouterContext } from './router.ts'

/** An agent that answers on a unix socket. */
export interface Served extends AsyncDisposable {
  readonly socketPath: string
}

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
      return { agent, gone: gone.signal }
    },
  })
  await new Promise<void>((resolve, reject) => {
    http.once('error', reject)
    http.listen(socketPath, resolve)
  })
  return {
    socketPath,
    [Symbol.asyncDispose]: async () => {
      for (const client of wss.clients) client.terminate()
      wss.close()
      http.closeAllConnections()
      await new Promise(resolve => http.close(resolve))
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
