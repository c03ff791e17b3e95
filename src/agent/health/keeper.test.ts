import assert from 'node:assert/strict'
import { rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { silentLog } from '../../base/log.ts'
import { systemClock, type Clock } from '../../base/time.ts'
import { keepGolden } from '../../bench/golden.ts'
import { loadBench } from '../../bench/load.ts'
import { thisProcess } from '../../bench/lock.ts'
import { tempDir } from '../../drivers/test-kit.ts'
import { afterUse } from '../../model/health.ts'
import { request } from '../../model/lease/book-test-kit.ts'
import type { Ask } from '../../model/lease/words.ts'
import { HostAuditFiles } from '../audit-files.ts'
import { BenchAgent } from '../bench-agent.ts'
import { changeHealth } from './health-file.ts'
import { HealthKeeper } from './keeper.ts'

const GONE = 'infrastructure/board-gone'

/** A keeper of a bench of two boards of a type and one of another, who looks when it is told to. */
async function open(everyMs?: number) {
  const dir = tempDir()
  const path = join(dir.path, 'bench.yaml')
  const power = { driver: 'command', on: 'true', off: 'true' }
  const boards = { n1: { type: 'nuc', power }, n2: { type: 'nuc', power }, o1: { type: 'orin', power } }
  writeFileSync(path, JSON.stringify({ name: `keeper-test-${process.pid}-${count++}`, boards }))
  const bench = await loadBench(path)
  const agent = await BenchAgent.start({
    ...{ bench, bookPath: join(dir.path, 'book'), auditFiles: new HostAuditFiles(join(dir.path, 'audit')) },
    ...{ holder: thisProcess(['agent'], systemClock), clock: systemClock, log: silentLog },
  })
  let ticksMs = 0
  let look = (): void => assert.fail('nobody waits')
  const clock: Clock = {
    ...systemClock,
    ticksMs: () => ticksMs,
    after: (_, act) => {
      look = act
      return { [Symbol.dispose]: () => undefined }
    },
  }
  const checked: string[] = []
  const keeper = new HealthKeeper({
    ...{ agent, clock, log: silentLog, everyMs: () => everyMs },
    check: async ({ name }) => void checked.push(name),
  })
  const stateDir = (name: string): string => agent.board(name).stateDir
  return {
    agent,
    /** Runs of a board that met a fault of it. */
    fails: async (board: string, times: number): Promise<void> => {
      for (let n = 0; n < times; n++)
        changeHealth(stateDir(board), record => afterUse(record, { atMs: n + 1, run: `r${n}`, fault: GONE }))
      await agent.lookAtHealth(board)
    },
    /** Gives boards of a type a golden image. */
    golden: (type: string): void => {
      const image = {
        path: join(dir.path, 'image'),
        sha256: 'cafe',
        sizeBytes: 1,
        variant: 'debug',
        format: 'raw',
      } as const
      keepGolden(dirname(stateDir('n1')), { of: type, since: new Date(0).toISOString(), image })
    },
    /** What is checked by the time that it has looked often enough, once each. */
    checked: async (): Promise<readonly string[]> => {
      checked.length = 0
      for (let n = 0; n < 5; n++) {
        ticksMs += 5000
        look()
        // The agent is told of the check.
        await setImmediate()
      }
      return [...checked]
    },
    /** Asks, and gets it or waits. */
    ask: (id: string, ask: Ask, mends = false): void =>
      void agent.desk
        .ask(request(id, { asks: [ask], forMs: 1e9, askedMs: agent.desk.nowMs(), ...(mends && { mends }) }))
        .catch(() => undefined),
    [Symbol.asyncDispose]: async () => {
      await keeper[Symbol.asyncDispose]()
      await agent[Symbol.asyncDispose]()
      rmSync(dirname(stateDir('n1')), { recursive: true, force: true })
      dir[Symbol.dispose]()
    },
  }
}
let count = 0

test('a board that is quarantined is checked although, and while, somebody waits for it', async () => {
  for (const wanted of [{ board: 'n1' }, { type: 'nuc' }]) {
    await using lab = await open()
    await lab.fails('n1', 2)
    lab.ask('has', { board: 'n2' })
    lab.ask('waits', wanted)
    assert.equal(lab.agent.desk.book.queue.length, 1)
    assert.deepEqual(await lab.checked(), ['n1'])
  }
})

test('one that somebody has is not checked; those of other types are, whatever others wait for', async () => {
  await using lab = await open(1000)
  for (const board of ['n1', 'n2']) lab.ask(board, { board })
  lab.ask('waits', { type: 'nuc' })
  assert.equal(lab.agent.desk.book.queue.length, 1)
  assert.deepEqual(await lab.checked(), ['o1'])
})

test('one that is kept for somebody who waits for another as well is not checked', async () => {
  await using lab = await open(1000)
  await lab.fails('n1', 2)
  lab.ask('n2', { board: 'n2' })
  const both = request('both', { asks: [{ board: 'n1' }, { board: 'n2' }], askedMs: lab.agent.desk.nowMs() })
  lab.agent.desk.ask({ ...both, mends: true }).catch(() => undefined)
  assert.deepEqual(await lab.checked(), ['o1'])
})

test('one that not even whoever mends it would get is not checked', async () => {
  await using lab = await open(1000)
  await lab.agent.desk.withhold('n1', 'somebody has it past the agent')
  assert.deepEqual(await lab.checked(), ['n2', 'o1'])
})

test('one that failed a run is checked where it has a golden image, unless somebody wants it', async () => {
  await using lab = await open()
  for (const board of ['n1', 'o1']) await lab.fails(board, 1)
  assert.deepEqual(await lab.checked(), [], 'what is on a medium proves little')
  lab.golden('nuc')
  for (const board of ['n1', 'n2']) lab.ask(board, { board })
  assert.deepEqual(await lab.checked(), [])
  await lab.agent.desk.release('n1')
  assert.deepEqual(await lab.checked(), ['n1'])
})
