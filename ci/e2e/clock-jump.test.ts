import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { AgentProcess } from './agent-process.ts'
import { FakeClock, noFakeClock } from './fake-clock.ts'
import { story, type Ended } from './hil.ts'
import { Lab } from './lab.ts'
import { eventually } from './processes.ts'
import { RelayBoards } from './relay-boards.ts'
import { cellsOf, of } from './verdicts.ts'

// The host's clock is set by an hour, as by a time server after a boot with a wrong one: nothing ends by it, and nothing lasts longer.

const skip = noFakeClock ?? false
const HOUR_S = 3600
const MINUTE_MS = 60_000

test('leases, waiters and short holds count on while the clock is set, forward and back', { skip }, async () => {
  await using lab = await Lab.open()
  const clock = new FakeClock(lab)
  const { bench } = new RelayBoards(lab, ['a', 'b'])
  const agent = await AgentProcess.start(lab, bench)
  const as = people(lab, bench)
  await as('alice', 'hold', 'a', '--for', '30m')
  const before = await bookOf(as)
  const waits = lab.start(['hold', 'a', '--for', '1m', '--wait', '40', '--bench', bench], { USER: 'bob' })
  await eventually('bob waits', () => /waits, place 1/.test(waits.stderr))
  for (const aheadS of [HOUR_S, -HOUR_S]) {
    clock.set(aheadS)
    const askedMs = performance.now()
    await as('carol', 'hold', 'b', '--for', '2s')
    const now = await bookOf(as)
    assert.equal(now.a?.user, 'alice', 'her half hour is not over')
    assert.equal(now.a.sinceMs, before.a?.sinceMs)
    near(now.a.untilMs, before.a!.untilMs + aheadS * 1000, 'its end is told by the clock as it is now')
    assert.equal(waits.over, undefined, 'bob still waits')
    while ((await bookOf(as)).b) await pause(100)
    // Two processes and more have started meanwhile, which takes a busy host seconds; the clock was set by an hour.
    assert.ok(performance.now() - askedMs < 60_000, 'two seconds last no hour')
  }
  await as('alice', 'release', 'a')
  const ended = await waits.ended
  assert.match(ended.stdout, /^a held by bob/m, story(ended))
  await agent.stop()
})

test(
  'the clock is set while the agent is down: what is left of a hold is left of it after a restart',
  { skip },
  async () => {
    await using lab = await Lab.open()
    const clock = new FakeClock(lab)
    const { bench } = new RelayBoards(lab, ['a'])
    const as = people(lab, bench)
    let agent = await AgentProcess.start(lab, bench)
    await as('alice', 'hold', 'a', '--for', '30m')
    const before = await bookOf(as)
    for (const aheadS of [HOUR_S, -HOUR_S]) {
      await agent.kill()
      clock.set(aheadS)
      agent = await AgentProcess.start(lab, bench)
      const { a } = await bookOf(as)
      assert.equal(a?.user, 'alice')
      near(a.untilMs, before.a!.untilMs + aheadS * 1000, 'as long as it would have been')
    }
    await agent.stop()
  },
)

test('a run in which the clock is set passes, and knows how long it took', { skip }, async () => {
  await using lab = await Lab.open()
  const clock = new FakeClock(lab)
  const bench = lab.bench({ 'nuc-1': lab.board() })
  const agent = await AgentProcess.start(lab, bench)
  const startMs = performance.now()
  const run = lab.startRun(bench, ['--feature', 'image', '--feature', 'quick'])
  await run.until('stage', ({ stage, state }) => stage === 'boot' && state === 'begin')
  clock.set(HOUR_S)
  await run.testBegins('the board answers')
  clock.set(-HOUR_S)
  const ended = await run.ended
  const tookMs = performance.now() - startMs
  assert.equal(ended.exitCode, 0, story(ended))
  assert.deepEqual(cellsOf(ended), { image: 'pass', quick: 'pass' })
  lab.mustBeWhole(ended)
  for (const { durationMs } of [...of(ended.events, 'booted'), ...of(ended.events, 'run-ended')])
    assert.ok(durationMs > 0 && durationMs <= tookMs, `${durationMs} of ${tookMs} ms`)
  await agent.stop()
})

interface Holder {
  readonly user: string
  readonly sinceMs: number
  readonly untilMs: number
}

type As = (user: string, verb: string, ...args: string[]) => Promise<Ended>

function people(lab: Lab, bench: string): As {
  return async (user, verb, ...args) => {
    const ended = await lab.start([verb, ...args, '--bench', bench], { USER: user }).ended
    assert.equal(ended.exitCode, 0, story(ended))
    return ended
  }
}

async function bookOf(as: As): Promise<Record<string, Holder | null>> {
  const { boards } = JSON.parse((await as('x', 'boards', '--json')).stdout) as {
    boards: { board: string; holder: Holder | null }[]
  }
  return Object.fromEntries(boards.map(({ board, holder }) => [board, holder]))
}

function near(ms: number, wantedMs: number, why: string): void {
  assert.ok(
    Math.abs(ms - wantedMs) < MINUTE_MS / 10,
    `${why}: ${new Date(ms).toISOString()}, not ${new Date(wantedMs).toISOString()}`,
  )
}
