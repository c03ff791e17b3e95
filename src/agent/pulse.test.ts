import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { WebSocket, WebSocketServer } from 'ws'
import { systemClock, type Clock } from '../base/time.ts'
import { mustAnswerPings, mustHearPings, sendPings } from './pulse.ts'

/** A minute in 120 ms. */
const fast: Clock = { ...systemClock, after: (ms, act) => systemClock.after(ms / 500, act) }
const SOME_MINUTES_MS = 400

test('whoever answers no ping is hung up on, and whoever does is not', async () => {
  await using server = await open(socket => {
    sendPings(socket, fast)
    mustAnswerPings(socket, fast)
  })
  const silent = new WebSocket(server.url, { autoPong: false })
  const alive = new WebSocket(server.url)
  await once(silent, 'close')
  await systemClock.sleep(SOME_MINUTES_MS)
  assert.equal(alive.readyState, WebSocket.OPEN)
})

test('an agent that does not ping is gone, and one that does is not', async () => {
  await using mute = await open(() => undefined)
  await using pinging = await open(socket => sendPings(socket, fast))
  const [lost, kept] = [new WebSocket(mute.url), new WebSocket(pinging.url)]
  for (const socket of [lost, kept]) mustHearPings(socket, fast)
  await once(lost, 'close')
  await systemClock.sleep(SOME_MINUTES_MS)
  assert.equal(kept.readyState, WebSocket.OPEN)
})

async function open(onConnection: (socket: WebSocket) => void): Promise<AsyncDisposable & { readonly url: string }> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  server.on('connection', onConnection)
  await once(server, 'listening')
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      for (const client of server.clients) client.terminate()
      await new Promise(resolve => server.close(resolve))
    },
  }
}
