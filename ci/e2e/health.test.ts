import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { AgentProcess } from './agent-process.ts'
import { type Ended, story } from './hil.ts'
import { Lab } from './lab.ts'
import { eventually } from './processes.ts'
import { cellsOf, faultsOf, of } from './verdicts.ts'

// A board that fails its runs by itself is withheld, says why, and is given back by a check that it passes.

test('two runs in a row that met a fault of the board quarantine it; a health check gives it back', async () => {
  await using lab = await Lab.open()
  const bench = lab.bench({ 'nuc-1': lab.board() })
  for (const round of [1, 2]) {
    const ended = await loseIt(lab, bench)
    const last = of(ended.events, 'recovery').filter(({ rung }) => rung === 'quarantine')
    assert.equal(last.length, round === 2 ? 2 : 0, story(ended))
  }
  const refused = await lab.mustEnd(lab.startRun(bench, ['--feature', 'quick']), 3)
  assert.deepEqual(faultsOf(refused), ['infrastructure/board-quarantined'])
  const [fault] = of(refused.events, 'fault')
  assert.match(fault!.fault.seen, /2 runs in a row met a fault of it: infrastructure\/(?:board-gone|power) in /)
  assert.match(fault!.fault.next, /hil health nuc-1/)
  assert.match(await boardsOf(lab, bench), /"state": "quarantined"[^]*"faultsPer100": 100/)

  const check = await lab.start(['health', 'nuc-1', '--bench', bench]).ended
  assert.equal(check.exitCode, 0, story(check))
  assert.match(check.stdout, /nuc-1: sound: off, on, .*flashed last, since no golden image is set booted/)
  assert.match(await boardsOf(lab, bench), /"state": "free"/)
  const ended = await lab.mustEnd(lab.startRun(bench, ['--feature', 'quick']), 0)
  assert.deepEqual(cellsOf(ended), { quick: 'pass' })
})

test('a board that is broken does not pass its check, and stays withheld', async () => {
  await using lab = await Lab.open()
  const bench = lab.bench({ 'nuc-1': lab.board() })
  await lab.mustEnd(lab.startRun(bench, ['--feature', 'quick']), 0)
  const deaf = lab.bench({ 'nuc-1': lab.board({ console: { driver: 'serial', path: '${state}/nothing' } }) }, 'deaf')
  const check = await lab.start(['health', 'nuc-1', '--bench', deaf]).ended
  assert.equal(check.exitCode, 3, story(check))
  assert.match(
    check.stdout,
    /not sound.*infrastructure\/tty-open[^]*quarantined since .* by rule: its health check failed/,
  )
  await lab.mustEnd(lab.startRun(bench, ['--feature', 'quick']), 3)
})

test('an agent withholds what somebody quarantined, also after a restart, and lets people at it', async () => {
  await using lab = await Lab.open()
  const bench = lab.bench({ 'nuc-1': lab.board() })
  const first = await AgentProcess.start(lab, bench)
  const words = ['nuc-1', '--bench', bench]
  await mustDo(lab, ['quarantine', ...words, '--reason', 'its fan is dead'], /quarantined: its fan is dead/)
  await first.stop()
  const second = await AgentProcess.start(lab, bench)
  assert.match(await boardsOf(lab, bench), /"state": "quarantined",[^]*quarantined: its fan is dead/)
  const refused = await lab.startRun(bench, ['--feature', 'quick']).ended
  assert.equal(refused.exitCode, 3, story(refused))
  assert.match(story(refused), /quarantined: its fan is dead/)
  const held = await lab.start(['hold', ...words, '--for', '1m']).ended
  assert.match(held.stdout, /held by/, story(held))
  assert.match(held.stderr, /nuc-1 is quarantined: its fan is dead/)
  await mustDo(lab, ['release', ...words], /released/)
  await mustDo(lab, ['unquarantine', ...words, '--reason', 'its fan is new'], /released: its fan is new/)
  await mustDo(lab, ['health', ...words, '--record'], /last released .* by .*: its fan is new/)
  const ended = await lab.startRun(bench, ['--feature', 'quick']).ended
  assert.equal(ended.exitCode, 0, story(ended))
  await second.stop()
})

test('an agent checks by itself what the rule quarantined', async () => {
  await using lab = await Lab.open()
  const bench = lab.bench({ 'nuc-1': lab.board() })
  await loseIt(lab, bench)
  const agent = await AgentProcess.start(lab, bench)
  const lost = await loseIt(lab, bench, false)
  assert.equal(of(lost.events, 'recovery').filter(({ rung }) => rung === 'quarantine').length, 2, story(lost))
  assert.match(await boardsOf(lab, bench), /"state": "(?:quarantined|held)"/)
  const until = performance.now() + 90_000
  while (!/"state": "free"/.test(await boardsOf(lab, bench)))
    assert.ok(performance.now() < until, `not given back: ${await boardsOf(lab, bench)}`)
  await agent.stop()
})

test('a board that cannot be opened is withheld by its agent, whose state is elsewhere than that of who uses it', async () => {
  await using lab = await Lab.open()
  const bench = lab.bench({ 'nuc-1': lab.board({ console: { driver: 'serial', path: '${state}/nothing' } }) })
  const agent = await AgentProcess.start(lab, bench)
  const elsewhere = { HIL_STATE_DIR: join(lab.folder, 'elsewhere') }
  const words = ['nuc-1', '--bench', bench]
  const from = (...args: string[]): Promise<Ended> => lab.start(args, elsewhere).ended
  const check = await from('health', ...words)
  assert.equal(check.exitCode, 3, story(check))
  assert.match((await from('health', ...words, '--record')).stdout, /by rule: its health check failed: .*tty-open/)
  assert.match(await boardsOf(lab, bench), /quarantined: its health check failed/)
  assert.match((await from('unquarantine', ...words)).stdout, /released/)
  for (const _ of [1, 2]) {
    const ended = await lab.startRun(bench, ['--feature', 'quick'], elsewhere).ended
    assert.deepEqual(faultsOf(ended), ['infrastructure/tty-open'], story(ended))
  }
  assert.match(await boardsOf(lab, bench), /quarantined: 2 runs in a row met a fault of it/)
  const refused = await lab.startRun(bench, ['--feature', 'quick'], elsewhere).ended
  assert.deepEqual(faultsOf(refused), ['infrastructure/board-quarantined'], story(refused))
  await agent.stop()
})

test('who holds a type gets the board that failed fewer runs', async () => {
  await using lab = await Lab.open()
  const board = { type: 'nuc', power: { driver: 'command', on: 'true', off: 'true' } }
  const bench = lab.bench({ 'nuc-1': board, 'nuc-2': board })
  const uses = Array.from({ length: 4 }, (_, n) => ({
    atMs: n,
    run: `r${n}`,
    fault: n > 1 ? 'infrastructure/power' : null,
  }))
  mkdirSync(lab.boardDir('nuc-1'), { recursive: true })
  const known = {
    uses: [...uses, { atMs: 9, run: 'r9', fault: null }],
    quarantine: null,
    lastCheck: null,
    clearedMs: 0,
  }
  writeFileSync(join(lab.boardDir('nuc-1'), 'health.json'), JSON.stringify(known))
  const agent = await AgentProcess.start(lab, bench)
  for (const name of ['nuc-2', 'nuc-1'])
    await mustDo(lab, ['hold', 'nuc', '--bench', bench, '--for', '1m'], new RegExp(`${name}.* held by`))
  await agent.stop()
})

/** A run whose board loses its power while it boots. */
async function loseIt(lab: Lab, bench: string, atRest = true): Promise<Ended> {
  const hil = lab.startRun(bench, ['--feature', 'quick'])
  await hil.until('stage', ({ stage, state }) => stage === 'boot' && state === 'begin')
  await eventually('the board has power', () => lab.qemus().length === 1)
  lab.pullPlug()
  if (atRest) return await lab.mustEnd(hil, 3)
  const ended = await hil.ended
  assert.equal(ended.exitCode, 3, story(ended))
  return ended
}

async function mustDo(lab: Lab, words: readonly string[], says: RegExp): Promise<void> {
  const ended = await lab.start(words).ended
  assert.equal(ended.exitCode, 0, story(ended))
  assert.match(ended.stdout, says)
}

async function boardsOf(lab: Lab, bench: string): Promise<string> {
  return (await lab.start(['boards', '--bench', bench, '--json']).ended).stdout
}
