import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { test } from 'node:test'
import { systemRandom } from '../../base/random.ts'
import { systemClock } from '../../base/time.ts'
import type { Board } from '../../bench/load.ts'
import { thisProcess } from '../../bench/lock.ts'
import type { LeaseOptions } from '../agent.ts'
import { clientOver, connect, type AgentClient, type AgentUrl, type OnLost } from '../client.ts'
import { RemoteHost } from './remote-host.ts'

type Socket = Parameters<typeof clientOver>[0]

/** A socket that this user may not open. */
function closedToUs(): Socket {
  const socket = Object.assign(new EventEmitter(), {
    ...{ CONNECTING: 0, OPEN: 1, readyState: 0 },
    terminate: () => undefined,
  })
  setImmediate(() => {
    socket.emit('error', Object.assign(new Error('connect EACCES'), { code: 'EACCES' }))
    socket.readyState = 3
    socket.emit('close', 1006, Buffer.of())
  })
  return socket as unknown as Socket
}

// Its lock answers, as that of one that has just begun, or whose group this user is not in.
for (const [what, connectTo, code] of [
  ['whose socket is not there', connect, 'infrastructure/agent-gone'],
  [
    'whose socket this user may not open',
    (_at, onLost) => clientOver(closedToUs(), onLost, undefined, { address: '/nowhere/agent.sock' }),
    'configuration/agent-access',
  ],
] satisfies [string, (at: string | AgentUrl, onLost: OnLost) => AgentClient, string][])
  test(`an agent ${what} is tried for a while, slowly, and told of`, async () => {
    let nowMs = 0
    let tries = 0
    const clock = {
      ...systemClock,
      ticksMs: () => nowMs,
      sleep: async (ms: number) => void (nowMs += ms),
    }
    const means = {
      random: systemRandom,
      connect: (...[at, onLost = () => undefined]: Parameters<typeof connect>) => {
        tries++
        return connectTo(at, onLost)
      },
    }
    const host = new RemoteHost('/nowhere/agent.sock', async () => '/nowhere/agent.sock', clock, means)
    const options = { holder: thisProcess(['run'], systemClock), waitMs: 0, signal: AbortSignal.timeout(20_000) }
    await assert.rejects(host.lease({ name: 'a' } as Board, options as LeaseOptions), { code })
    assert.equal(nowMs, 30_000)
    assert.equal(tries, 121)
  })
