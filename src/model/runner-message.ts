import type { FaultRecord } from '../base/fault.ts'
import type { ConsoleSlice } from './event.ts'

/** The attachment by which a test's evidence travels from its worker to the reporter. */
export const EVIDENCE = 'hil-evidence'

/** Annotations by which a test says why it could not look; their description is the reason. */
export const UNTESTED = 'untested'
export const ABSENT = 'absent'

export interface TestEvidence {
  readonly slice?: ConsoleSlice
  /** The last readable console lines when the test ended. */
  readonly lines?: readonly string[]
  /** What happened to the board during the test. */
  readonly trouble?: FaultRecord
  /** What had happened to the board before the test could begin. */
  readonly blocked?: FaultRecord
}

/** What the reporter tells the run about one finished test. */
export interface FinishedTest extends TestEvidence {
  readonly type: 'test'
  /** The suite's path, relative to `suites/`. */
  readonly suite: string
  readonly title: string
  readonly status: 'passed' | 'failed' | 'timedOut' | 'skipped' | 'interrupted'
  readonly durationMs: number
  readonly attempt: number
  readonly errors: readonly { readonly message: string; readonly fromMatcher: boolean }[]
  readonly skipReason?: string
  /** What this bench lacks for the check, although it is required. */
  readonly untested?: string
  /** How the image shows that it does not have the feature. */
  readonly absent?: string
}

export type RunnerMessage =
  | { readonly type: 'begin'; readonly tests: readonly { readonly suite: string; readonly title: string }[] }
  | { readonly type: 'started'; readonly suite: string; readonly title: string }
  | FinishedTest
  | { readonly type: 'error'; readonly message: string }
  | { readonly type: 'end'; readonly status: string }
