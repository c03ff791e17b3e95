import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { WebSocketServer } from 'ws'
import { tempDir } from '../drivers/test-kit.ts'
import { answered, connect } from './client.ts'

test('a client whose agent vanishes while it calls, again and again, keeps no process alive', async () => {
  const child = fork(fileURLToPath(new URL('./client-test-kit.ts', import.meta.url)), {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const timer = setTimeout(() => child.kill('SIGKILL'), 30_000)
  const [told] = (await once(child, 'message')) as [{ lost: number }]
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null]
  clearTimeout(timer)
  assert.deepEqual([told.lost, code, signal], [200, 0, null])
})

test('a call that is not answered ends with its signal, one that was made too late with the connection', async () => {
  using dir = tempDir()
  const socketPath = join(dir.path, 'silent.sock')
  const http = createServer()
  const wss = new WebSocketServer({ server: http })
  await new Promise<void>(resolve => http.listen(socketPath, resolve))
  const { promise: lost, resolve: onLost } = Promise.withResolvers<void>()
  const connected = once(wss, 'connection')
  using client = connect(socketPath, () => onLost())
  // On a busy host later than the calls have time.
  await connected
  const limited = { signal: AbortSignal.timeout(50) }
  await assert.rejects(client.api.agentHello.query(undefined, limited), /timeout/)
  await assert.rejects(client.api.agentHello.query(undefined, limited), /timeout/)
  for (const socket of wss.clients) socket.terminate()
  await lost
  // It was there: nobody turned this client away.
  await assert.rejects(answered(client.api.agentHello.query()), {
    code: 'infrastructure/agent-gone',
    seen: 'the connection ended',
  })
  wss.close()
  http.close()
})
