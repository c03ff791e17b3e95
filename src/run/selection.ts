import { join } from 'node:path'
import { Fault } from '../base/fault.ts'
import type { Plan } from './plan.ts'
import { TestRunner } from './test-runner.ts'

/** Makes sure that a `--grep` selects something, before any board is touched. Errors: `configuration/no-test-selected`. */
export async function mustSelect(plan: Plan, grep: string, reportDir: string): Promise<void> {
  let selected = 0
  const suites = [...new Set(plan.runs.flatMap(({ features }) => features.flatMap(feature => feature.suite ?? [])))]
  await using runner = new TestRunner({
    suites,
    grep,
    list: true,
    env: {},
    outputDir: join(reportDir, 'list'),
    logPath: '/dev/null',
    onMessage: message => {
      if (message.type === 'begin') selected = message.tests.length
    },
  })
  await runner.ended
  if (selected === 0)
    throw new Fault('configuration/no-test-selected', {
      expected: `--grep ${JSON.stringify(grep)} to match a test`,
      seen: `none in ${suites.join(', ')}`,
    })
}
