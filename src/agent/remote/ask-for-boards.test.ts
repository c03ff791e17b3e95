import assert from 'node:assert/strict'
import { rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { Fault } from '../../base/fault.ts'
import type { FaultCode } from '../../base/fault-codes.ts'
import { silentLog } from '../../base/log.ts'
import { systemRandom } from '../../base/random.ts'
import { systemClock } from '../../base/time.ts'
import { loadBench } from '../../bench/load.ts'
import { thisProcess } from '../../bench/lock.ts'
import { faultWith, soon, tempDir } from '../../drivers/test-kit.ts'
import { HostAuditFiles } from '../audit-files.ts'
import { BenchAgent } from '../bench-agent.ts'
import { TRUSTED } from '../caller.ts'
import { connect } from '../client.ts'
import { serveBench } from '../serve.ts'
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

test('who asks for traits gets boards that have all of them, or is told that there are none', async () => {
  using dir = tempDir()
  const path = join(dir.path, 'bench.yaml')
  const board = { type: 'nuc', power: { driver: 'command', on: 'true', off: 'true' } }
  const boards = { a: board, b: { ...board, traits: ['emmc'] }, c: { ...board, traits: ['emmc', 'camera'] } }
  writeFileSync(path, JSON.stringify({ name: `traits-test-${process.pid}`, boards }))
  const bench = await loadBench(path)
  await using running = await BenchAgent.start({
    ...{ bench, bookPath: join(dir.path, 'book'), auditFiles: new HostAuditFiles(join(dir.path, 'audit')) },
    ...{ holder: thisProcess(['agent'], systemClock), clock: systemClock, log: silentLog },
  })
  const socketPath = join(dir.path, 'agent.sock')
  await using _served = await serveBench(running, { socketPath, callerOf: () => TRUSTED })
  const means = { connect: async () => connect(socketPath), clock: systemClock, random: systemRandom }
  const held = async (asked: string, ...traits: string[]): Promise<string[]> => {
    const wish = { user: 'alice', purpose: '', forMs: 60_000, waitMs: 0, traits }
    return (await askForBoards([asked], wish, means, soon())).grants.map(({ board }) => board)
  }
  assert.deepEqual(await held('nuc', 'camera', 'emmc'), ['c'])
  assert.deepEqual(await held('nuc', 'emmc'), ['b'])
  assert.deepEqual(await held('nuc'), ['a'])
  await assert.rejects(held('a', 'emmc'), faultWith('configuration/unknown-board', 'a with emmc'))
  await assert.rejects(held('nuc', 'lidar'), faultWith('configuration/unknown-board', 'a nuc with lidar'))
  rmSync(dirname(bench.boards[0]!.stateDir), { recursive: true, force: true })
})
