import type { FaultRecord } from '../base/fault.ts'
import type { ConsoleSlice, TestFile, TestStep } from './event.ts'

/** The attachment by which a test's evidence travels from its worker to the reporter. */
export const EVIDENCE = 'hil-evidence'

/** Annotations by which a test says why it could not look; their description is the reason. */
export const UNTESTED = 'untested'
export const ABSENT = 'absent'
/** The file in which the commands of a test are kept: JSON, a list of `CommandRecord`. */
export const COMMANDS = 'hil-commands'

/** One command a test ran, and what came of it. */
export interface CommandRecord {
  /** `ssh host`, `serial`, `ssh net-vm`. */
  readonly shell: string
  readonly line: string
  /** Ms since the epoch. */
  readonly atMs: number
  /** From asked to answered, with the way to the agent and back. */
  readonly durationMs: number
  /** Absent: it did not end, see `error`. */
  readonly exitCode?: number
  readonly stdout?: string
  readonly stderr?: string
  /** How many characters of its output are not here. */
  readonly cutChars?: number
  readonly error?: string
}

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
  readonly startedAtMs: number
  readonly steps: readonly TestStep[]
  /** With absolute paths. */
  readonly files: readonly TestFile[]
}

export type RunnerMessage =
  | { readonly type: 'begin'; readonly tests: readonly { readonly suite: string; readonly title: string }[] }
  | { readonly type: 'started'; readonly suite: string; readonly title: string }
  | FinishedTest
  | { readonly type: 'error'; readonly message: string }
  | { readonly type: 'end'; readonly status: string }
