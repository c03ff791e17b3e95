import { join } from 'node:path'
import { Fault } from '../base/fault.ts'
import { abortable, within } from '../base/time.ts'
import { selectionOf } from './execute.ts'
import type { Phase, Plan } from './plan.ts'
import { TestRunner } from './test-runner.ts'

const LIST_LIMIT_MS = 60_000

/**
 * The part of a plan in which `--grep` selects a test, before any board is touched.
 *
 * Errors: `configuration/no-test-selected` when there is none, `test/exception` for a suite that cannot be loaded.
 */
export async function selectTests(plan: Plan, grep: string, reportDir: string, signal: AbortSignal): Promise<Plan> {
  const left = [...plan.left]
  const runs: Plan['runs'][number][] = []
  const counts = new Map<string, number>()
  for (const run of plan.runs) {
    const phases: Phase[] = []
    for (const phase of run.phases) {
      // Boards of a kind have the same suites: they are listed once.
      const key = JSON.stringify([phase.variant, phase.features.map(feature => feature.suite)])
      if (!counts.has(key)) counts.set(key, await countTests(phase, grep, reportDir, signal))
      if (counts.get(key)! > 0) phases.push(phase)
    }
    if (phases.length > 0) runs.push({ ...run, phases })
    else left.push({ what: run.board.name, why: `no test of it matches --grep ${JSON.stringify(grep)}` })
  }
  if (runs.length > 0) return { runs, left }
  throw new Fault('configuration/no-test-selected', {
    expected: `--grep ${JSON.stringify(grep)} to match a test`,
    seen: 'none',
    evidence: left.map(({ what, why }) => `${what}: ${why}`),
  })
}

async function countTests(phase: Phase, grep: string, reportDir: string, signal: AbortSignal): Promise<number> {
  let selected = 0
  const problems: string[] = []
  await using runner = new TestRunner({
    suites: phase.features.flatMap(feature => feature.suite ?? []),
    ...selectionOf(phase.variant, grep),
    list: true,
    env: {},
    outputDir: join(reportDir, 'list'),
    logPath: '/dev/null',
    onMessage: message => {
      if (message.type === 'begin') selected = message.tests.length
      if (message.type === 'error') problems.push(message.message)
    },
  })
  const late = (): Fault =>
    new Fault('infrastructure/runner', { expected: `the tests to be listed in ${LIST_LIMIT_MS} ms`, seen: 'no answer' })
  await within(LIST_LIMIT_MS, late, limited => abortable(runner.ended, limited), signal)
  if (problems.length === 0) return selected
  throw new Fault('test/exception', {
    expected: 'suites that can be loaded',
    seen: problems[0]!.split('\n')[0] ?? '',
    evidence: problems.flatMap(problem => problem.split('\n')).slice(0, 20),
  })
}
