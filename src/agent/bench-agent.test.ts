import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Fault } from '../base/fault.ts'
import { silentLog } from '../base/log.ts'
import { findProgram } from '../base/program.ts'
import { systemClock, type Clock } from '../base/time.ts'
import { loadBench, type Board } from '../bench/load.ts'
import { BoardLock, thisProcess } from '../bench/lock.ts'
import { tempDir } from '../drivers/test-kit.ts'
import { request } from '../model/lease/book-test-kit.ts'
import { HostAuditFiles } from './audit-files.ts'
import { BenchAgent } from './bench-agent.ts'
import { wasCutShort } from './numbers-file.ts'

/** An agent of one board that has a relay and, unless a line is given, no console. */
async function open(
  clock: Clock = systemClock,
  onBoards: (inUse: readonly Board[]) => void = () => undefined,
  console?: object,
) {
  const dir = tempDir()
  const path = join(dir.path, 'bench.yaml')
  const name = `agent-test-${process.pid}-${count++}`
  const offPath = join(dir.path, 'off')
  const stuckPath = join(dir.path, 'stuck')
  const power = {
    driver: 'command',
    on: 'true',
    off: `test ! -e ${stuckPath} && touch ${offPath}`,
    status: `test -e ${offPath} && echo off || echo on`,
  }
  writeFileSync(path, JSON.stringify({ name, boards: { a: { type: 'nuc', power, ...(console && { console }) } } }))
  const agent = await BenchAgent.start({
    ...{
      bench: await loadBench(path),
      bookPath: join(dir.path, 'book'),
      auditFiles: new HostAuditFiles(join(dir.path, 'audit')),
    },
    ...{ holder: thisProcess(['agent'], systemClock), clock, log: silentLog, onBoards },
  })
  const ask = (id: string, tied = false) => {
    agent.attachments.attach(id, new AbortController().signal)
    return agent.desk.ask(request(id, { asks: [{ board: 'a' }], tied, askedMs: agent.desk.nowMs() }))
  }
  return {
    agent,
    ask,
    isOff: () => existsSync(offPath),
    /** Its relay does nothing it is told, or does again. */
    stick: (sticks: boolean) => (sticks ? writeFileSync(stuckPath, '') : rmSync(stuckPath)),
    [Symbol.asyncDispose]: async () => {
      await agent[Symbol.asyncDispose]()
      dir[Symbol.dispose]()
    },
  }
}
let count = 0

const how = { sharedConsole: true, holder: thisProcess(['hold'], systemClock), gone: new AbortController().signal }
const isStale = ({ code }: Fault): boolean => code === 'lease/stale'

test('a board that is handed on while it is opened is open for whoever has it then', async () => {
  const begun = Promise.withResolvers<void>()
  await using desk = await open(systemClock, inUse => inUse.some(({ name }) => name === 'a') && begun.resolve())
  const { agent } = desk
  await desk.ask('x-lease-1', true)
  let wasOpen: boolean | undefined
  agent.desk.follow(events => {
    if (events.some(({ type }) => type === 'handed')) wasOpen = agent.agent.peek('a') !== undefined
  })
  const opening = assert.rejects(agent.open('a', 1, how), isStale)
  await begun.promise
  await agent.desk.hand('x-lease-1', 'bob', 'alice')
  await opening
  assert.equal(wasOpen, false, 'it was handed on before it was open')
  const lease = agent.agent.peek('a')
  assert.equal(lease?.epoch, 2)
  assert.equal(await agent.open('a', 2, how), lease)
  assert.equal(agent.record('a', 2).epoch, 2)
})

test('a lease that was given while nobody was connected for it is taken back, unless somebody asks in time', async () => {
  for (const asks of [false, true]) {
    const graces: (() => void)[] = []
    const after: Clock['after'] = (ms, act) => {
      if (ms !== 75_000) return systemClock.after(ms, act)
      graces.push(act)
      return { [Symbol.dispose]: () => undefined }
    }
    await using desk = await open({ ...systemClock, after })
    const { agent } = desk
    await desk.ask('first-lease')
    const gone = new AbortController()
    agent.attachments.attach('second-lease', gone.signal)
    const second = agent.desk.ask(request('second-lease', { asks: [{ board: 'a' }], askedMs: agent.desk.nowMs() }))
    gone.abort()
    await agent.desk.release('first-lease')
    await second
    if (asks) agent.unattended.forget('second-lease')
    assert.equal(graces.length, 2, 'since it was left, and since it was given')
    for (const pass of graces) pass()
    // Behind whatever they did.
    await agent.desk.withhold('a', null)
    assert.equal(agent.desk.holder('a')?.id, asks ? 'second-lease' : undefined)
  }
})

test('a board that could not be switched off is told of once, and tried again until it is off or somebody has it', async () => {
  const pauses: { act: () => void; isOver: boolean }[] = []
  const after: Clock['after'] = (ms, act) => {
    if (ms !== 10_000) return systemClock.after(ms, act)
    const pause = { act, isOver: false }
    pauses.push(pause)
    return { [Symbol.dispose]: () => void (pause.isOver = true) }
  }
  await using desk = await open({ ...systemClock, after })
  const { agent } = desk
  const paused = async (times: number): Promise<void> => {
    const signal = AbortSignal.timeout(10_000)
    while (pauses.length < times) await systemClock.sleep(5, signal)
  }
  desk.stick(true)
  await desk.ask('lease-one')
  await agent.open('a', 1, how)
  const { news } = agent.record('a', 1)
  await agent.desk.release('lease-one')
  await paused(1)
  pauses[0]!.act()
  await paused(2)
  assert.deepEqual(
    (await news.since(0, AbortSignal.timeout(5000))).items.map(({ type }) => type),
    ['fault'],
  )
  const { stateDir } = agent.board('a')
  assert.ok(wasCutShort(stateDir), 'an agent that is started anew puts it away')

  await desk.ask('lease-two')
  await agent.open('a', 2, how)
  assert.ok(pauses[1]!.isOver, 'somebody has it by now')
  await agent.desk.release('lease-two')
  await paused(3)
  desk.stick(false)
  pauses[2]!.act()
  while (wasCutShort(stateDir)) await systemClock.sleep(5, AbortSignal.timeout(10_000))
  assert.ok(desk.isOff())
  assert.equal(pauses.length, 3)
})

test("a restart for an upgrade waits for a run under one's own hold, and not for the hold", async () => {
  const waits = Promise.withResolvers<string>()
  const sleep: Clock['sleep'] = (ms, signal) => {
    if (ms === 100) waits.resolve('waits')
    return systemClock.sleep(ms, signal)
  }
  await using desk = await open({ ...systemClock, sleep })
  const { agent } = desk
  await desk.ask('hold-of-alice')
  const run = new AbortController()
  await agent.open('a', 1, { ...how, sharedConsole: false, gone: run.signal })
  const drained = agent.drain(AbortSignal.timeout(20_000))
  assert.equal(await Promise.race([waits.promise, drained.then(() => 'restarts')]), 'waits')
  run.abort()
  await drained
  assert.equal(agent.desk.holder('a')?.id, 'hold-of-alice')
})

test('a board that is to be left on by now is left, and nobody asks for ever whether it is', async () => {
  using dir = tempDir()
  const path = join(dir.path, 'bench.yaml')
  const name = `agent-test-${process.pid}-${count++}`
  const write = (park: string): void => {
    const board = `{ type: nuc, park: ${park}, power: { driver: command, on: 'true', off: 'true', status: echo off } }`
    writeFileSync(path, `name: ${name}\nboards:\n  a: ${board}\n`)
  }
  write('off')
  let told = 0
  const start = async (): Promise<BenchAgent> =>
    BenchAgent.start({
      ...{ bench: await loadBench(path), bookPath: join(dir.path, 'book'), clock: systemClock, log: silentLog },
      ...{ auditFiles: new HostAuditFiles(join(dir.path, 'audit')), holder: thisProcess(['agent'], systemClock) },
      onBoards: () => {
        if (++told > 100) throw new Error('asked for ever')
      },
    })
  {
    await using first = await start()
    const asks = [{ board: 'a' }]
    await first.desk.ask(request('lease-one', { asks, tied: false, askedMs: first.desk.nowMs() }))
  }
  const outside = { waitMs: 0, clock: systemClock, signal: AbortSignal.timeout(5000) }
  const lock = await BoardLock.take(name, 'a', thisProcess(['outside'], systemClock), outside)
  await using agent = await start()
  await agent.desk.release('lease-one')
  write('leave')
  await agent.reload(await loadBench(path))
  await lock[Symbol.asyncDispose]()
  while (agent.desk.book.boards['a']?.withheld !== null) await systemClock.sleep(20, AbortSignal.timeout(5000))
  await systemClock.sleep(50)
  assert.ok(told > 0 && told < 20, `told ${told} times`)
})

const skip = findProgram('socat') ? false : 'no socat on this host: run ci/setup'

test(
  'who releases a board whose console was taken does not wait for the thief, and whoever comes next is told why they do',
  { skip },
  async () => {
    using dir = tempDir()
    const tty = join(dir.path, 'tty')
    const line = spawn('socat', ['-', `PTY,link=${tty},raw,echo=0`], { stdio: ['pipe', 'ignore', 'ignore'] })
    using _line = { [Symbol.dispose]: () => void line.kill() }
    while (!existsSync(tty)) await systemClock.sleep(5)
    await using desk = await open(systemClock, undefined, { driver: 'serial', path: tty })
    const { agent } = desk
    await desk.ask('lease-of-run', true)
    const { live } = await agent.open('a', 1, { ...how, sharedConsole: false })
    const alice = { pid: 1, user: 'alice', command: 'hil console a', sinceMs: 0 }
    const stolen = live.feed!.claims.take(alice, 'it hangs')

    await agent.close('a', 1)
    await agent.desk.release('lease-of-run', 'bob')
    const next = desk.ask('lease-of-next')
    const waits = agent.desk.waiting('lease-of-next')?.why
    assert.match(waits ?? '', /^a: stays as it is while alice .*hil console a.* has its console$/)
    await agent.lookAtHealth('a')
    assert.equal(agent.desk.waiting('lease-of-next')?.why, waits)
    assert.equal(desk.isOff(), false)

    stolen[Symbol.dispose]()
    await next
    await agent.open('a', 2, how)
    assert.equal(desk.isOff(), true)
    assert.equal(agent.desk.book.boards['a']?.withheld, null)
  },
)
