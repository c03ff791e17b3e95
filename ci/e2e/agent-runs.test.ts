import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { answered, connect } from '../../src/agent/client.ts'
import { AgentProcess } from './agent-process.ts'
import { story } from './hil.ts'
import { Lab, runsOf } from './lab.ts'
import { eventually, kill } from './processes.ts'
import { cellsOf, faultsOf, notesOf, of } from './verdicts.ts'

// Runs by an agent, on a board that really boots: the same results as without one, and the same end however it ends.

test('a run by an agent says what one without says, keeps its console, and leaves the board off', async () => {
  await using lab = await Lab.open()
  const bench = lab.bench({ 'nuc-1': lab.board() })
  const agent = await AgentProcess.start(lab, bench)
  const first = lab.startRun(bench, ['--feature', 'long'])
  await first.testBegins('it waits')
  const second = lab.startRun(bench, ['--feature', 'quick', '--no-flash'])
  const waits = new RegExp(`waits, place 1.*nuc-1 is held by .*pid ${first.pid}: hil run`)
  await second.until('note', ({ text }) => waits.test(text))
  // Lost with its connection: a run that was killed has a board switched off without anybody's guardian.
  kill(first.pid)
  await first.ended
  const ended = await lab.mustEnd(second, 0)
  assert.deepEqual(cellsOf(ended), { quick: 'pass' })
  const run = runsOf(lab).sort().at(-1)!
  assert.match(readFileSync(join(lab.reportDir, run, 'nuc-1', 'console.log'), 'utf8'), /login: /)
  await agent.stop()
})

test('an agent killed under a run: the run blames the bench, and the board is off within 10 s', async () => {
  await using lab = await Lab.open()
  const bench = lab.bench({ 'nuc-1': lab.board() })
  const agent = await AgentProcess.start(lab, bench)
  const run = lab.startRun(bench, ['--feature', 'long'])
  await run.testBegins('it waits')
  await agent.kill()
  await eventually('the board is off', () => lab.qemus().length === 0, 10_000)
  const ended = await lab.mustEnd(run, 3)
  assert.ok(faultsOf(ended).includes('infrastructure/agent-gone'), story(ended))
  assert.doesNotMatch(Object.values(cellsOf(ended)).join(), /fail/)
})

test('an agent that is started again puts a board away at once that was open, and leaves what people hold', async () => {
  await using lab = await Lab.open()
  const bench = lab.bench({ 'nuc-1': lab.board(), 'nuc-2': { type: 'nuc', power: lab.power() } })
  const agent = await AgentProcess.start(lab, bench)
  assert.equal((await lab.start(['hold', 'nuc-2', '--for', '1h', '--bench', bench]).ended).exitCode, 0)
  const run = lab.startRun(bench, ['--feature', 'long'])
  await run.testBegins('it waits')
  await agent.kill()
  const next = await AgentProcess.start(lab, bench)
  using client = connect(join(lab.stateDir, 'e2e/agent.sock'))
  const { boards } = await answered(client.api.leaseBook.query())
  const users = boards.map(({ name, lease }) => [name, lease?.tied ?? 'nobody'])
  assert.deepEqual(users, [
    ['nuc-1', 'nobody'],
    ['nuc-2', false],
  ])
  await eventually('the board is off', () => lab.qemus().length === 0, 10_000)
  assert.ok(faultsOf(await lab.mustEnd(run, 3)).includes('infrastructure/agent-gone'))
  await next.stop()
})

test('urgent work takes a board at a safe point: whoever had it is told, and blames nobody', async () => {
  await using lab = await Lab.open()
  const bench = lab.bench({ 'nuc-1': lab.board() })
  const agent = await AgentProcess.start(lab, bench)
  const usual = lab.startRun(bench, ['--feature', 'quick', '--feature', 'image'])
  await usual.until('stage', ({ stage }) => stage === 'flash')
  const urgent = lab.start(['hold', 'nuc-1', '--for', '1m', '--priority', '9', '--reason', 'urgent', '--bench', bench])
  const ended = await usual.ended
  assert.equal(ended.exitCode, 4, story(ended))
  assert.ok(faultsOf(ended).includes('lease/preempted'), story(ended))
  assert.ok(notesOf(ended).some(text => /needs this board/.test(text)))
  assert.equal((await urgent.ended).exitCode, 0)
  await eventually('the board is off', () => lab.qemus().length === 0, 10_000)
  await agent.stop()
})

test('a run of a type takes the board that is free, though the agent has the locks of both', async () => {
  await using lab = await Lab.open()
  // The first of the file is in use; it need not boot.
  const bench = lab.bench({ 'nuc-2': lab.board({ shell: undefined }), 'nuc-1': lab.board() })
  const agent = await AgentProcess.start(lab, bench)
  using client = connect(join(lab.stateDir, 'e2e/agent.sock'))
  const other = { id: 'another-run', user: 'bob', purpose: 'pid 1: hil run', asks: [{ board: 'nuc-2' }] }
  await answered(client.api.leaseAsk.mutate(other))
  const run = lab.startRun(bench, ['--device', 'nuc', '--feature', 'quick', '--wait', '0'])
  const ended = await lab.mustEnd(run, 0)
  assert.deepEqual(cellsOf(ended), { quick: 'pass' })
  await answered(client.api.leaseRelease.mutate(other))
  await agent.stop()
})

test('the reboots of a run are remembered where its agent keeps the board, not with whoever ran it', async () => {
  await using lab = await Lab.open()
  const bench = lab.bench({ 'nuc-1': lab.board() })
  const agent = await AgentProcess.start(lab, bench)
  const elsewhere = { HIL_STATE_DIR: join(lab.folder, 'elsewhere') }
  const ended = await lab.mustEnd(lab.startRun(bench, ['--feature', 'reboots'], elsewhere), 0)
  const { bootId } = of(ended.events, 'rebooted').at(-1)!
  assert.equal(readFileSync(join(lab.boardDir(), 'last-boot'), 'utf8'), bootId)
  await agent.stop()
})
