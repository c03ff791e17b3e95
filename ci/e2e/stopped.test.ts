import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { AgentProcess } from './agent-process.ts'
import { story, type HilProcess } from './hil.ts'
import { Lab } from './lab.ts'
import { kill } from './processes.ts'
import { slow } from './slow.ts'
import { cellsOf } from './verdicts.ts'

// A process that is stopped for a while, as by a terminal, a debugger or a host at its limit: what it waited for went on, and what it did
// not hear in time is nobody's fault. For longer than a lease lives: `npm run proof -- stops`.

/** Longer than any command of the suite has. */
const STOPPED_MS = 9000
/** The command is under way by then, and not over. */
const INTO_TEST_MS = 1500

test('a run that is stopped in the middle of its commands goes on, and blames nobody', { skip: slow }, async () => {
  await using lab = await Lab.open()
  const run = lab.startRun(lab.bench({ 'nuc-1': lab.board() }), ['--feature', 'timed'])
  await stopIn(run, 'a command over SSH', run.pid)
  await stopIn(run, 'a command on the console', run.pid)
  const ended = await lab.mustEnd(run, 0)
  assert.deepEqual(cellsOf(ended), { timed: 'pass' })
})

test('so does one by an agent, whichever of the two is stopped', { skip: slow }, async () => {
  await using lab = await Lab.open()
  const bench = lab.bench({ 'nuc-1': lab.board() })
  const agent = await AgentProcess.start(lab, bench)
  const run = lab.startRun(bench, ['--feature', 'timed'])
  await stopIn(run, 'a command over SSH', run.pid)
  await stopIn(run, 'a command on the console', agent.hil.pid)
  const ended = await run.ended
  assert.equal(ended.exitCode, 0, story(ended))
  assert.deepEqual(cellsOf(ended), { timed: 'pass' })
  await agent.stop()
})

/** Stops a process in the middle of a test, and lets it go on. */
async function stopIn(run: HilProcess, title: string, pid: number): Promise<void> {
  await run.testBegins(title)
  await pause(INTO_TEST_MS)
  kill(pid, 'SIGSTOP')
  await pause(STOPPED_MS)
  kill(pid, 'SIGCONT')
}
