import type { FaultRecord } from '../base/fault.ts'
import type { ConsoleSlice } from './event.ts'

/** The attachment by which a test's evidence travels from its worker to the reporter. */
export const EVIDENCE = 'hil-evidence'

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
}

export type RunnerMessage =
  | { readonly type: 'begin'; readonly tests: readonly { readonly suite: string; readonly title: string }[] }
  | { readonly type: 'started'; readonly suite: string; readonly title: string }
  | FinishedTest
  | { readonly type: 'error'; readonly message: string }
  | { readonly type: 'end'; readonly status: string }
