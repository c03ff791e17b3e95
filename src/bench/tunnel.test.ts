import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer, type AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { Fault } from '../base/fault.ts'
import type { Shell } from '../controls/shell.ts'
import { openTunnel } from './tunnel.ts'

const LIMIT = AbortSignal.timeout(10_000)

/** A shell whose machine is this one. */
const here: Shell = {
  run: () => Promise.reject(new Error('not asked here')),
  forward: async (host, port) => {
    const socket = connect({ host, port, allowHalfOpen: true })
    await once(socket, 'connect')
    return socket
  },
  [Symbol.asyncDispose]: async () => undefined,
}

test('bytes go both ways, and a connection ends as the other end ends it', async t => {
  const echo = createServer({ allowHalfOpen: true }, socket => socket.pipe(socket)).listen(0, '127.0.0.1')
  t.after(() => echo.close())
  await once(echo, 'listening')
  const stop = new AbortController()
  const port = await openTunnel(here, (echo.address() as AddressInfo).port, stop.signal)
  const socket = connect({ host: '127.0.0.1', port })
  socket.end('to and fro')
  assert.equal(await text(socket), 'to and fro')
  stop.abort()
})

test('a port where nobody listens closes the connection, and the tunnel lives on', async () => {
  const stop = new AbortController()
  const port = await openTunnel(here, 1, stop.signal)
  for (let time = 0; time < 2; time++) {
    const socket = connect({ host: '127.0.0.1', port })
    assert.equal(await text(socket).catch(() => ''), '')
  }
  stop.abort()
})

test('the port is closed once it is not wanted any more', async () => {
  const stop = new AbortController()
  const port = await openTunnel(here, 1, stop.signal)
  stop.abort()
  await assert.rejects(once(connect({ host: '127.0.0.1', port }), 'connect', { signal: LIMIT }), /ECONNREFUSED/)
})

test('a shell over a serial line has no tunnel', async () => {
  const { forward: _absent, ...serial } = here
  await assert.rejects(
    openTunnel(serial, 1, LIMIT),
    (error: unknown) => error instanceof Fault && error.code === 'test/misuse',
  )
})
