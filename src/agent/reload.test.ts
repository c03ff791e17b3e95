import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { silentLog } from '../base/log.ts'
import { systemClock } from '../base/time.ts'
import { loadBench, type Bench } from '../bench/load.ts'
import { thisProcess } from '../bench/lock.ts'
import { tempDir } from '../drivers/test-kit.ts'
import { request } from '../model/lease/book-test-kit.ts'
import { NOT_WIRED } from '../model/lease/evolve.ts'
import { HostAuditFiles } from './audit-files.ts'
import { BenchAgent } from './bench-agent.ts'
import { changeHealth } from './health/health-file.ts'

let count = 0

/** A bench of two boards whose agent can be started again, and the same without the first of them. */
async function twoBoards() {
  const dir = tempDir()
  const path = join(dir.path, 'bench.yaml')
  const power = { driver: 'command', on: 'true', off: 'true', status: 'echo off' }
  const boards = { a: { type: 'nuc', power }, b: { type: 'nuc', power } }
  writeFileSync(path, JSON.stringify({ name: `reload-test-${process.pid}-${count++}`, boards }))
  const loaded = await loadBench(path)
  const both: Bench = {
    ...loaded,
    boards: loaded.boards.map(board => ({ ...board, stateDir: join(dir.path, board.name) })),
  }
  const start = async (bench: Bench): Promise<BenchAgent> =>
    BenchAgent.start({
      ...{ bench, bookPath: join(dir.path, 'book'), auditFiles: new HostAuditFiles(join(dir.path, 'audit')) },
      ...{ holder: thisProcess(['agent'], systemClock), clock: systemClock, log: silentLog },
    })
  const quarantine = (): unknown =>
    changeHealth(join(dir.path, 'a'), record => ({
      ...record,
      quarantine: { reason: 'it smokes', sinceMs: 0, by: 'alice' },
    }))
  return {
    ...{ both, onlyB: { ...both, boards: both.boards.slice(1) }, start, quarantine },
    [Symbol.dispose]: () => dir[Symbol.dispose](),
  }
}

const ask = (agent: BenchAgent, id: string) =>
  agent.desk.ask(request(id, { asks: [{ board: 'a' }], tied: false, askedMs: agent.desk.nowMs() }))

test('a board that left the bench file is had by nobody, also once its lease ends and when its health is looked at', async () => {
  using at = await twoBoards()
  await using agent = await at.start(at.both)
  const why = () => agent.desk.book.boards['a']?.withheld
  await ask(agent, 'lease-one')
  await agent.open('a', 1, {
    ...{ sharedConsole: true, holder: thisProcess(['hold'], systemClock), gone: new AbortController().signal },
  })
  await agent.reload(at.onlyB)
  assert.equal(why(), NOT_WIRED)
  assert.deepEqual(
    agent.boards.map(({ name }) => name),
    ['b'],
    'nobody checks the other',
  )
  await agent.close('a', 1)
  await agent.desk.release('lease-one')
  await agent.lookAtHealth('a')
  assert.equal(why(), NOT_WIRED)
  await agent.reload(at.both)
  assert.equal(why(), null)
  await ask(agent, 'lease-two')
})

test('a quarantined board that leaves the bench file and comes back is quarantined, also for who waits, and over a restart', async () => {
  using at = await twoBoards()
  at.quarantine()
  {
    await using agent = await at.start(at.both)
    void ask(agent, 'who-waits').catch(() => undefined)
    await agent.reload(at.onlyB)
    assert.equal(agent.desk.book.boards['a']?.withheld, NOT_WIRED)
    await agent.reload(at.both)
    assert.equal(agent.desk.book.boards['a']?.withheld, 'quarantined: it smokes')
    assert.equal(agent.desk.holder('a'), undefined)
    await agent.reload(at.onlyB)
  }
  await using agent = await at.start(at.onlyB)
  assert.equal(agent.desk.holder('a'), undefined)
  await agent.reload(at.both)
  assert.equal(agent.desk.book.boards['a']?.withheld, 'quarantined: it smokes')
  assert.equal(agent.desk.holder('a'), undefined)
})
