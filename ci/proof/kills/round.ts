import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import type { Chance } from '../../../src/sim/lab/chance.ts'
import { story, type Ended, type HilProcess } from '../../e2e/hil.ts'
import { kill } from '../../e2e/processes.ts'
import { BOARD, type KillLab } from './kill-lab.ts'
import { momentOf, reached, whereOf, type Part } from './moment.ts'

/** Whom a kill strikes; an agent is started again by its service, or by nobody for a while. */
export const VICTIMS = ['agent', 'run of an agent', 'run of its own', 'agent that stays away'] as const
export type Victim = (typeof VICTIMS)[number]

/** So soon a board must be off, and free for others. */
const LIMIT_MS = 10_000
/** As `ci/systemd/hil-agent.service` has it. */
const RESTART_MS = 1000
/** No run that lost its agent takes a third of it. */
const RUN_LIMIT_MS = 120_000
const POLL_MS = 20

/** A kill, and what came of it. */
export interface Killed {
  readonly victim: Victim
  readonly part: Part
  /** Where the run was by its own word. */
  readonly where: string
  /** How long the board had power after it. */
  readonly offMs: number
  /** How long until the board could be had again: after the kill, or after the agent came back. */
  readonly freeMs: number
}

/** Kills somebody at a random moment of a run; throws when anything that must hold after it does not. */
export async function killOnce(at: KillLab, victim: Victim, chance: Chance): Promise<Killed> {
  const moment = momentOf(chance)
  await at.agentRuns(victim !== 'run of its own')
  const run = at.startRun(['image', moment.part === 'test' ? 'long' : 'quick'])
  await reached(run, moment, at.durations)
  const hadBoard = run.events.some(event => event.type === 'recording')
  const isAgent = victim.startsWith('agent')
  if (isAgent) await at.killAgent()
  else kill(run.pid)
  const struckMs = performance.now()
  const where = whereOf(run.events)
  let backMs = struckMs
  // A run that has no board yet waits for an agent to come back, and goes on under it.
  if (victim === 'agent' || (isAgent && !hadBoard)) {
    await pause(RESTART_MS)
    await at.agentRuns(true)
    if (!hadBoard) await endOf(run)
    if (!hadBoard) backMs = performance.now()
  }
  await must('the board is off', () => at.lab.qemus().length === 0, backMs)
  const offMs = performance.now() - struckMs
  const ended = await endOf(run)
  if (victim === 'agent that stays away') {
    await at.agentRuns(true)
    backMs = performance.now()
  }
  await must('the board is free', () => at.isFree(), backMs)
  const freeMs = performance.now() - backMs
  await must('no test process is left', () => at.lab.runners().length === 0, performance.now())
  if (isAgent) assert.ok(ended.exitCode === 0 || ended.exitCode === 3, story(ended))
  at.checkRun(ended)
  if (at.agent) await at.checkHeld()
  await at.mustPass()
  return { victim, part: moment.part, where, offMs: hadBoard ? offMs : 0, freeMs }
}

async function endOf(run: HilProcess): Promise<Ended> {
  const late = setTimeout(() => run.signal('SIGKILL'), RUN_LIMIT_MS)
  const ended = await run.ended
  clearTimeout(late)
  return ended
}

/** Waits until something holds, for as long as it may take since `fromMs`. */
async function must(what: string, look: () => unknown, fromMs: number): Promise<void> {
  while (!(await look())) {
    const tookMs = performance.now() - fromMs
    assert.ok(tookMs < LIMIT_MS, `not within ${LIMIT_MS} ms: ${what} (${BOARD})`)
    await pause(POLL_MS)
  }
}
