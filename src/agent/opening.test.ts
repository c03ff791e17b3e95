import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { test, type TestContext } from 'node:test'
import { WebSocket, WebSocketServer } from 'ws'
import { Fault } from '../base/fault.ts'
import type { FaultCode } from '../base/fault-codes.ts'
import { systemClock, type Clock } from '../base/time.ts'
import { answered, clientOver, connect, type OnLost } from './client.ts'
import { refusal } from './opening.ts'

const REFUSALS: [error: string, text: string, code: FaultCode, next: RegExp][] = [
  ['EACCES', 'connect EACCES /run/hil.sock', 'configuration/agent-access', /group/],
  ['ENOTFOUND', 'getaddrinfo ENOTFOUND bench-9', 'configuration/no-agent', /HIL_AGENT/],
  ['CERT_HAS_EXPIRED', 'certificate has expired', 'configuration/agent-certificate', /renewed/],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'self-signed certificate', 'configuration/agent-certificate', /HIL_AGENT_CA/],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'unable to verify', 'configuration/agent-certificate', /HIL_AGENT_CA/],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'Host: a. is not in', 'configuration/agent-certificate', /name the agent as/],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'wrong version number\n', 'configuration/no-agent', /--listen/],
  ['ECONNREFUSED', '', 'infrastructure/agent-gone', /agent runs/],
  ['EAI_AGAIN', 'getaddrinfo EAI_AGAIN bench-9', 'infrastructure/agent-gone', /start again/],
]

for (const [error, text, code, next] of REFUSALS)
  test(`${error} of a connection to an agent is ${code}, and said`, () => {
    const address = error === 'EACCES' ? '/run/hil.sock' : 'https://bench-9:7443'
    const fault = refusal(address, Object.assign(new Error(text), { code: error }))
    assert.equal(fault.code, code)
    assert.match(fault.seen, new RegExp(`^${error}.* at ${address}$`))
    assert.match(fault.next, next)
    if (!text.includes(error)) assert.ok(fault.seen.includes(text.trim()))
  })

test('a port at which nobody listens is named, to calls and to whoever hears of the end', async t => {
  const server = createServer()
  const url = `https://127.0.0.1:${await portOf(t, server)}`
  await new Promise(resolve => server.close(resolve))
  const lost = Promise.withResolvers<Parameters<OnLost>>()
  using client = connect({ url, token: 'x' }, (...why) => lost.resolve(why))
  const seen = `ECONNREFUSED at ${url}`
  await assert.rejects(answered(client.api.agentHello.query()), { code: 'infrastructure/agent-gone', seen })
  assert.equal((await lost.promise)[1]?.seen, seen)
  await assert.rejects(answered(client.api.agentHello.query()), { seen }, 'also one that is made later')
})

test('what answers, and is no agent, is told of', async t => {
  const server = createServer(socket => socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n'))
  const port = await portOf(t, server)
  using client = connect({ url: `https://127.0.0.1:${port}`, token: 'x' })
  await assert.rejects(answered(client.api.agentHello.query()), { code: 'configuration/no-agent' })
})

test('who says nothing is left at once by an abort, and by itself after a while', async t => {
  const server = createServer()
  const url = `https://127.0.0.1:${await portOf(t, server)}`
  const abort = new AbortController()
  using client = connect({ url, token: 'x' }, undefined, abort.signal)
  const call = assert.rejects(answered(client.api.agentHello.query()), { code: 'cancelled/interrupt', seen: 'SIGINT' })
  await once(server, 'connection')
  abort.abort(new Fault('cancelled/interrupt', { expected: 'to finish', seen: 'SIGINT' }))
  await call
  using late = connect({ url, token: 'x' }, undefined, abort.signal)
  await assert.rejects(answered(late.api.agentHello.query()), { code: 'cancelled/interrupt' })
  using patient = connect({ url, token: 'x' }, undefined, undefined, 100)
  await assert.rejects(answered(patient.api.agentHello.query()), {
    code: 'infrastructure/agent-gone',
    seen: `nobody answered within 0.1 s at ${url}`,
  })
})

test('a connection that was made outlasts the abort, so that boards can be given back over it', async () => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const abort = new AbortController()
  const limits = new Set<() => void>()
  const after: Clock['after'] = (ms, act) => {
    if (ms !== 300) return systemClock.after(ms, act)
    limits.add(act)
    return { [Symbol.dispose]: () => void limits.delete(act) }
  }
  const socket = new WebSocket(`ws://127.0.0.1:${port}`)
  using client = clientOver(socket, () => undefined, { ...systemClock, after }, { signal: abort.signal, limitMs: 300 })
  assert.equal(limits.size, 1)
  await once(socket, 'open')
  assert.equal(limits.size, 0)
  abort.abort()
  assert.equal(socket.readyState, socket.OPEN)
  client[Symbol.dispose]()
  server.close()
})

/** Where a server listens that is ended with the test. */
async function portOf(t: TestContext, server: Server): Promise<number> {
  const sockets = new Set<{ destroy(): unknown }>()
  server.on('connection', socket => sockets.add(socket.on('error', () => undefined)))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return (server.address() as AddressInfo).port
}
