import type { Reruns } from './cell.ts'
import type { TestResult } from './event.ts'
import type { Verdict } from './verdict.ts'

/** A feature's tests as one list to judge it by, and how often its verdict was seen. */
export interface Repeated {
  /** The first results; a pass that a re-run took back ends in the fails of that. */
  readonly tests: readonly TestResult[]
  readonly reruns: Reruns | undefined
}

/**
 * What re-running says of a feature: a round fails by one test that fails, and passes when all of it passes.
 *
 * A round that could not conclude (an error, a miss) says nothing. A fail in any round is the feature's: a pass in another
 * only makes it a suspect.
 */
export function withReruns(tests: readonly TestResult[], reruns: readonly TestResult[]): Repeated {
  const again = Object.values(Object.groupBy(reruns, ({ rerun = 0 }) => rerun)).flatMap(round => roundOf(round!) ?? [])
  const failedAtFirst = tests.some(({ verdict }) => verdict === 'fail')
  const failedAgain = again.filter(verdict => verdict === 'fail').length
  if (again.length === 0) return { tests, reruns: undefined }
  const ran = again.length
  if (failedAtFirst) return { tests, reruns: { ran, agreed: failedAgain } }
  if (failedAgain === 0) return { tests, reruns: { ran, agreed: ran } }
  const takenBack = reruns.filter(({ verdict }) => verdict === 'fail')
  return { tests: [...tests, ...takenBack], reruns: { ran, agreed: failedAgain - 1 } }
}

function roundOf(results: readonly TestResult[]): Verdict | undefined {
  if (results.some(({ verdict }) => verdict === 'fail')) return 'fail'
  return results.every(({ verdict }) => verdict === 'pass' || verdict === 'skip') ? 'pass' : undefined
}
