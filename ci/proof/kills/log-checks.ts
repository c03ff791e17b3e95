import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FaultClass } from '../../../src/base/fault-codes.ts'
import { readYaml } from '../../../src/base/schema.ts'
import type { RunEvent } from '../../../src/model/event.ts'
import { FeatureFile } from '../../../src/model/feature.ts'
import { fold, parseEvents } from '../../../src/model/fold.ts'
import { ROOT, story, type Ended } from '../../e2e/hil.ts'
import { of } from '../../e2e/verdicts.ts'

const SUITES = join(ROOT, 'ci/e2e/suites')
const FEATURES = readYaml(join(SUITES, 'features.yaml'), FeatureFile, 'configuration/bench-file').data.features
/** How many tests a feature of a run has: it passed when each of them did. */
const TESTS: Record<string, number> = { image: 1, quick: 1, long: 2 }

/** What is in the log of a run that may have been killed: all that it had told, whole, and no wrong verdict. */
export function checkLog(reportDir: string, ended: Ended): readonly RunEvent[] {
  const run = of(ended.events, 'run-started')[0]?.run
  // Nothing was said, so nothing can be lost.
  if (run === undefined) return []
  const path = join(reportDir, run, 'run.jsonl')
  assert.ok(existsSync(path), `${path} is there\n${story(ended)}`)
  // Throws for every line that is not whole, but for a torn last one.
  const events = parseEvents(readFileSync(path, 'utf8'), path)
  const told = ended.events.filter(event => event.type !== 'progress')
  assert.deepEqual(events.slice(0, told.length), told, 'what was told is in the log, in the same order')
  checkVerdicts(events, ended)
  return events
}

/** Nobody's fault is the product's or a suite's here, and nothing passed that did not end. */
function checkVerdicts(events: readonly RunEvent[], ended: Ended): void {
  const { cells, faults } = fold(events, FEATURES)
  const allowed: readonly FaultClass[] = ['infrastructure', 'cancelled']
  for (const { blame, fault } of faults) assert.ok(allowed.includes(blame), `blames ${fault.code}\n${story(ended)}`)
  for (const { feature, verdict, tests } of cells) {
    assert.ok(['pass', 'miss', 'error'].includes(verdict), `${feature} is called ${verdict}\n${story(ended)}`)
    const passed = tests.filter(test => test.verdict === 'pass').length
    if (verdict === 'pass')
      assert.equal(passed, TESTS[feature], `${feature} passed by what was not run\n${story(ended)}`)
  }
}
