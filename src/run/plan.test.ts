import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { HostAuditFiles } from '../agent/audit-files.ts'
import { BenchAgent } from '../agent/bench-agent.ts'
import { TRUSTED } from '../agent/caller.ts'
import { changeHealth } from '../agent/health/health-file.ts'
import { LeaseDesk } from '../agent/leases/desk.ts'
import { BOOK_NAME } from '../agent/leases/kept-holds.ts'
import { serveBench } from '../agent/serve.ts'
import { silentLog } from '../base/log.ts'
import { systemClock } from '../base/time.ts'
import { BoardLock, thisProcess } from '../bench/lock.ts'
import { loadBench, type Bench } from '../bench/load.ts'
import { afterUse, withheldBy } from '../model/health.ts'
import { Feature } from '../model/feature.ts'
import { request as wish } from '../model/lease/book-test-kit.ts'
import { plan } from './plan.ts'

const FEATURES = [
  Feature.parse({
    id: 'f',
    title: 'f',
    section: 'Development',
    devices: ['All'],
    maturity: 'integrated',
    suite: 'f.spec.ts',
  }),
]
const BOARD = { type: 'nuc', power: { driver: 'command', on: 'true', off: 'true' } }

describe('which board of a type is planned', () => {
  let folder: string
  let bench: Bench

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'plan-'))
    process.env.HIL_STATE_DIR = folder
    const path = join(folder, 'bench.yaml')
    const boards = { 'nuc-1': BOARD, 'nuc-2': BOARD, 'nuc-3': BOARD }
    writeFileSync(path, JSON.stringify({ name: `plan-${process.pid}`, boards }))
    bench = await loadBench(path)
  })
  after(() => rmSync(folder, { recursive: true, force: true }))

  const planned = async (device = 'nuc'): Promise<string[]> => {
    const request = { devices: [device], features: [], images: {}, flash: false }
    return (await plan(bench, FEATURES, request, AbortSignal.timeout(20_000))).runs.map(({ board }) => board.name)
  }
  const dirOf = (name: string): string => bench.boards.find(board => board.name === name)!.stateDir

  it('is the first of the file while all are alike', async () => {
    assert.deepEqual(await planned(), ['nuc-1'])
  })

  it('is one that met fewer faults', async () => {
    changeHealth(dirOf('nuc-1'), record => afterUse(record, { atMs: 1, run: 'r', fault: 'infrastructure/ssh-lost' }))
    assert.deepEqual(await planned(), ['nuc-2'])
    assert.deepEqual(await planned('nuc-1'), ['nuc-1'], 'who names a board gets that')
  })

  it('is one that is free', async () => {
    const waiting = { waitMs: 0, clock: systemClock, signal: AbortSignal.timeout(10_000) }
    await using _lock = await BoardLock.take(bench.name, 'nuc-2', thisProcess([], systemClock), waiting)
    assert.deepEqual(await planned(), ['nuc-3'])
  })

  it('is one that nobody else holds by an agent that is not running', async () => {
    const path = join(dirname(dirOf('nuc-2')), BOOK_NAME)
    const holds = async (id: string, user: string, board: string): Promise<void> => {
      await using desk = LeaseDesk.open(path, { clock: systemClock, log: silentLog })
      await desk.bench(bench.boards.map(({ name }) => ({ name, type: 'nuc', traits: [] })))
      await desk.ask(wish(id, { user, asks: [{ board }], askedMs: desk.nowMs(), yields: false }))
    }
    await holds('first-hold', thisProcess([], systemClock).user, 'nuc-2')
    assert.deepEqual(await planned(), ['nuc-2'], 'what one holds oneself is had')
    await holds('second-hold', 'somebody else', 'nuc-3')
    changeHealth(dirOf('nuc-2'), record => afterUse(record, { atMs: 2, run: 'r', fault: 'infrastructure/ssh-lost' }))
    assert.deepEqual(await planned(), ['nuc-1'], 'of two that met faults the first; nuc-3 met none, and is held')
    rmSync(path)
  })

  it('is one that its agent has for somebody: free, else with the shortest queue', async () => {
    // Its state is elsewhere than this user's, where another board met a fault.
    const boards = bench.boards.map(board => ({ ...board, stateDir: join(folder, 'of-the-agent', board.name) }))
    await using agent = await BenchAgent.start({
      bench: { ...bench, boards },
      bookPath: join(folder, 'of-the-agent', BOOK_NAME),
      auditFiles: new HostAuditFiles(join(folder, 'of-the-agent', 'audit.jsonl')),
      ...{ holder: thisProcess(['agent'], systemClock), clock: systemClock, log: silentLog },
    })
    await using served = await serveBench(agent, { socketPath: join(folder, 'agent.sock'), callerOf: () => TRUSTED })
    agent.announce(served.socketPath)
    const { desk } = agent
    const ask = (id: string, board: string, more: Partial<Parameters<typeof wish>[1]> = {}) =>
      desk.ask(wish(id, { asks: [{ board }], askedMs: desk.nowMs(), ...more }))

    assert.deepEqual(await planned(), ['nuc-1'], 'all are free, though the agent has their locks')
    await ask('run-of-one', 'nuc-1', { tied: true })
    assert.deepEqual(await planned(), ['nuc-2'])
    await ask('run-of-two', 'nuc-2', { tied: true })
    await desk.withhold('nuc-3', 'in use past this agent')
    assert.deepEqual(await planned(), ['nuc-1'])
    const waits = ask('waits-for-one', 'nuc-1')
    waits.catch(() => undefined)
    assert.deepEqual(await planned(), ['nuc-2'], 'nobody waits for it yet')
    await desk.withhold('nuc-3', null)
    assert.deepEqual(await planned(), ['nuc-3'])
    await ask('own-hold-of-three', 'nuc-3', { user: thisProcess([], systemClock).user })
    assert.deepEqual(await planned(), ['nuc-3'], 'what one holds oneself is had')
    await desk.release('waits-for-one')
  })

  it('is none that is quarantined, as long as there is another', async () => {
    for (const name of ['nuc-2', 'nuc-3']) changeHealth(dirOf(name), record => withheldBy(record, 'smoke', 'aino', 1))
    assert.deepEqual(await planned(), ['nuc-1'])
    changeHealth(dirOf('nuc-1'), record => withheldBy(record, 'smoke', 'aino', 1))
    assert.equal((await planned()).length, 1, 'the run then says why it cannot')
  })
})
