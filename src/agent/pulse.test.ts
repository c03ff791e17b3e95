import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { WebSocket, WebSocketServer } from 'ws'
import { systemClock } from '../base/time.ts'
import { soon } from '../drivers/test-kit.ts'
import { endWhenSilent } from './pulse.ts'

const QUICK = { askEveryMs: 10, silentMs: 100 }

/** Both ends of a connection; the far one answers, or does not. */
async function connected(autoPong: boolean) {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(server, 'listening', { signal: soon() })
  const far = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`, { autoPong })
  const [near] = (await once(server, 'connection', { signal: soon() })) as [WebSocket]
  return {
    near,
    far,
    [Symbol.dispose]: () => {
      far.terminate()
      server.close()
    },
  }
}

test('a connection at whose other end nobody answers is ended, and both ends hear why', async () => {
  using pair = await connected(false)
  const said: string[] = []
  const closed = once(pair.far, 'close', { signal: soon() })
  endWhenSilent(pair.near, systemClock, why => said.push(why), QUICK)
  const [code, reason] = (await closed) as [number, Buffer]
  assert.equal(code, 4408)
  assert.match(reason.toString(), /^nothing was heard for \d+ s$/)
  assert.deepEqual(said, [reason.toString()])
})

test('one that has nothing to say, and answers when it is asked, is left alone', async () => {
  using pair = await connected(true)
  endWhenSilent(pair.near, systemClock, () => assert.fail('it answered'), QUICK)
  let pings = 0
  const { promise, resolve } = Promise.withResolvers<void>()
  pair.far.on('ping', () => {
    if (++pings > (3 * QUICK.silentMs) / QUICK.askEveryMs) resolve()
  })
  await promise
  assert.equal(pair.far.readyState, WebSocket.OPEN)
})
