import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Fault } from '../../base/fault.ts'
import type { FaultCode } from '../../base/fault-codes.ts'
import { systemRandom } from '../../base/random.ts'
import { systemClock } from '../../base/time.ts'
import { askForBoards } from './ask-for-boards.ts'

/** What comes of asking where each attempt to connect fails by the next of these; how many attempts it took. */
async function askedOver(codes: readonly FaultCode[]): Promise<[code: string, tries: number]> {
  let tries = 0
  const means = {
    connect: () => Promise.reject(new Fault(codes[tries++]!, { expected: 'a connection', seen: 'none' })),
    clock: { ...systemClock, sleep: async () => undefined },
    random: systemRandom,
  }
  const wish = { user: 'alice', purpose: '', forMs: 1, waitMs: null }
  const fault = await askForBoards(['a'], wish, means, AbortSignal.timeout(10_000)).catch((error: Fault) => error)
  return [(fault as Fault).code, tries]
}

test('a socket that may not be opened yet is one of an agent that starts again; one that never could is told of at once', async () => {
  const over = 'configuration/unknown-board'
  const access = 'configuration/agent-access'
  assert.deepEqual(await askedOver(['infrastructure/agent-gone', access, over]), [over, 3])
  assert.deepEqual(await askedOver([access, over]), [access, 1])
  assert.deepEqual(await askedOver(['infrastructure/agent-gone', 'configuration/agent-certificate', over]), [
    'configuration/agent-certificate',
    2,
  ])
})
