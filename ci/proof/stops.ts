import assert from 'node:assert/strict'
import { relative } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { Command } from 'commander'
import { humanDuration } from '../../src/base/text.ts'
import { systemClock } from '../../src/base/time.ts'
import { AgentProcess } from '../e2e/agent-process.ts'
import { ROOT, story, type Ended, type HilProcess } from '../e2e/hil.ts'
import { Lab } from '../e2e/lab.ts'
import { eventually, kill } from '../e2e/processes.ts'
import { cellsOf, faultRecords } from '../e2e/verdicts.ts'
import { keepResult } from './lib/result.ts'

/** A minute without a word, what is left of the beat in which it is noticed, and the time to switch off. */
const NOTICED_MS = 85_000
const OFF_MS = 10_000

export const stops = new Command('stops')
  .description('SIGSTOP of a run by an agent, and of the agent, for longer than a lease lives without a sign of life')
  .addHelpText(
    'after',
    `
Stopped run: its board is off and had by the next run while it is stopped; it ends by itself when it goes on, and blames the bench.
Stopped agent: the run ends by itself; the board is off and had by the next run once the agent goes on. Each once; about 5 min.`,
  )
  .action(prove)

/** Stops both, tells what came of it, and keeps it. */
async function prove(): Promise<void> {
  const beganMs = Date.now()
  const failures: string[] = []
  const found: Record<string, number> = {}
  for (const [name, prove] of [
    ['stopped run', stoppedRun],
    ['stopped agent', stoppedAgent],
  ] as const)
    try {
      process.stdout.write(`${name}\n`)
      Object.assign(found, await prove())
    } catch (error) {
      failures.push(`${name}: ${(error as Error).message}`)
      process.stdout.write(`${(error as Error).stack}\n`)
    }
  const times = Object.entries(found).map(([what, ms]) => `${what} after ${humanDuration(ms)}`)
  const line = `${2 - failures.length} of 2 stops did no harm: ${times.join('; ')}`
  process.stdout.write(`${line}\n${relative(ROOT, keepResult('stops', { line, beganMs, found, failures }))}\n`)
  process.exitCode = failures.length > 0 ? 1 : 0
}

async function stoppedRun(): Promise<Record<string, number>> {
  await using lab = await Lab.open()
  const bench = lab.bench({ 'nuc-1': lab.board() })
  const agent = await AgentProcess.start(lab, bench)
  const run = await inTest(lab, bench)
  kill(run.pid, 'SIGSTOP')
  const stoppedMs = systemClock.ticksMs()
  await eventually('the board is off', () => lab.qemus().length === 0, NOTICED_MS)
  const offMs = systemClock.ticksMs() - stoppedMs
  await nextPasses(lab, bench)
  kill(run.pid, 'SIGCONT')
  const wokenMs = systemClock.ticksMs()
  const ended = await endOf(run)
  blamesTheBench(ended)
  await agent.stop()
  return { 'the board of a stopped run off': offMs, 'it ended once it went on': systemClock.ticksMs() - wokenMs }
}

async function stoppedAgent(): Promise<Record<string, number>> {
  await using lab = await Lab.open()
  const bench = lab.bench({ 'nuc-1': lab.board() })
  const agent = await AgentProcess.start(lab, bench)
  const run = await inTest(lab, bench)
  kill(agent.hil.pid, 'SIGSTOP')
  const stoppedMs = systemClock.ticksMs()
  const ended = await endOf(run)
  const endedMs = systemClock.ticksMs() - stoppedMs
  blamesTheBench(ended)
  await pause(1000)
  kill(agent.hil.pid, 'SIGCONT')
  const wokenMs = systemClock.ticksMs()
  await eventually('the board is off', () => lab.qemus().length === 0, OFF_MS)
  const offMs = systemClock.ticksMs() - wokenMs
  await nextPasses(lab, bench)
  await agent.stop()
  return { 'a run whose agent is stopped ended': endedMs, 'its board off once the agent went on': offMs }
}

async function inTest(lab: Lab, bench: string): Promise<HilProcess> {
  const run = lab.startRun(bench, ['--feature', 'image', '--feature', 'long'])
  await run.testIsAtWork('it waits')
  return run
}

async function endOf(run: HilProcess): Promise<Ended> {
  const late = setTimeout(() => kill(run.pid), 2 * NOTICED_MS)
  const ended = await run.ended
  clearTimeout(late)
  return ended
}

function blamesTheBench(ended: Ended): void {
  assert.equal(ended.exitCode, 3, story(ended))
  assert.ok(
    faultRecords(ended).some(
      ({ code, seen }) => code === 'infrastructure/agent-gone' && /nothing was heard/.test(seen),
    ),
    story(ended),
  )
  // What had not told its end is not known to have passed.
  assert.doesNotMatch(Object.values(cellsOf(ended)).join(), /fail/, story(ended))
  assert.doesNotMatch(cellsOf(ended)['long']!, /pass/, story(ended))
}

async function nextPasses(lab: Lab, bench: string): Promise<void> {
  const next = await lab.startRun(bench, ['--feature', 'quick', '--wait', '1']).ended
  assert.equal(next.exitCode, 0, story(next))
}
