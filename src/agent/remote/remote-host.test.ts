import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemRandom } from '../../base/random.ts'
import { systemClock } from '../../base/time.ts'
import type { Board } from '../../bench/load.ts'
import { thisProcess } from '../../bench/lock.ts'
import type { LeaseOptions } from '../agent.ts'
import { connect } from '../client.ts'
import { RemoteHost } from './remote-host.ts'

test('an agent that is there and may not be reached is tried for a while, slowly, and told of', async () => {
  let nowMs = 0
  let tries = 0
  const clock = {
    ...systemClock,
    ticksMs: () => nowMs,
    sleep: async (ms: number) => void (nowMs += ms),
  }
  const means = {
    random: systemRandom,
    connect: (...[at, onLost]: Parameters<typeof connect>) => {
      tries++
      return connect(at, onLost)
    },
  }
  // Its lock answers, as that of an agent whose group this user is not in.
  const host = new RemoteHost('/nowhere/agent.sock', async () => '/nowhere/agent.sock', clock, means)
  const options = { holder: thisProcess(['run'], systemClock), waitMs: 0, signal: AbortSignal.timeout(20_000) }
  await assert.rejects(host.lease({ name: 'a' } as Board, options as LeaseOptions), /infrastructure\/agent-gone/)
  assert.equal(nowMs, 30_000)
  assert.equal(tries, 121)
})
