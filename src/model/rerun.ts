import type { Cell } from './cell.ts'
import { MAX_RERUNS } from './confidence.ts'
import type { TestResult } from './event.ts'
import { withReruns } from './fold-reruns.ts'
import { strongest } from './verdict.ts'

/** A test of a feature, as results name it. */
export type TestName = Pick<TestResult, 'feature' | 'title'>

/** What is known on one board when its tests, or a round of re-runs, are over. */
export interface Findings {
  readonly cells: readonly Cell[]
  /** First results of the tests that just ran on this image. */
  readonly tests: readonly TestResult[]
  readonly reruns: readonly TestResult[]
  /** Features whose ❌ a pass would lift, and that therefore takes more than one. */
  readonly doubted: ReadonlySet<string>
}

/**
 * The tests to be run again on this board and image, so that what they found is confirmed or a suspect.
 *
 * Of a feature that failed, its failed tests until one fails again; of a pass that would lift a ❌, all that passed. At most two
 * rounds. A feature that only could not be entered, or that another's failure blocks, is not looked at again.
 */
export function testsToRepeat({ cells, tests, reruns, doubted }: Findings): TestName[] {
  return [...Map.groupBy(tests, ({ feature }) => feature)].flatMap(([feature, own]) => {
    const again = reruns.filter(result => result.feature === feature)
    if (new Set(again.map(({ rerun }) => rerun)).size >= MAX_RERUNS) return []
    const { reruns: said } = withReruns(own, again)
    const failed = own.filter(({ verdict }) => verdict === 'fail')
    if (failed.length > 0) {
      const stands = cells.some(cell => cell.feature === feature && cell.verdict === 'fail')
      return stands && !said?.agreed ? failed.map(nameOf) : []
    }
    if (!doubted.has(feature) || strongest(own.map(({ verdict }) => verdict)) !== 'pass') return []
    return own.filter(({ verdict }) => verdict === 'pass').map(nameOf)
  })
}

function nameOf({ feature, title }: TestResult): TestName {
  return { feature, title }
}
