import type { FaultRecord } from '../base/fault.ts'
import type { FaultClass } from '../base/fault-codes.ts'
import type { ConsoleSlice, TestResult } from './event.ts'
import type { Variant } from './image.ts'
import type { Verdict } from './verdict.ts'

/** The image something was found out about; all null when none is known. */
export interface ImageFacts {
  readonly imageSha256: string | null
  readonly imageName: string | null
  readonly commit: string | null
  readonly variant: Variant | null
  /** The line it is proven to come from; null moves no hardware status. */
  readonly line: string | null
}

/**
 * What a run found out about one feature on one board.
 *
 * Its image is the one on the board at the feature's first test; without tests, the planned one.
 */
export interface Cell extends ImageFacts {
  readonly feature: string
  readonly board: string
  readonly type: string
  readonly twin: boolean
  readonly verdict: Verdict
  readonly blame?: FaultClass
  readonly fault?: FaultRecord
  /** The required feature whose failure kept this one from beginning. */
  readonly blockedBy?: string
  readonly reason?: string
  readonly tests: readonly TestResult[]
}

/** A run's results: the pure outcome of its log. */
export interface RunMatrix {
  readonly run: string
  readonly startedAt: string
  readonly endedAt: string | null
  readonly bench: string
  readonly exitCode: number
  readonly boards: readonly MatrixBoard[]
  readonly cells: readonly Cell[]
  readonly faults: readonly { board: string | null; blame: FaultClass; fault: FaultRecord }[]
  readonly notes: readonly { board: string | null; text: string }[]
  readonly left: readonly { what: string; why: string }[]
}

/** Its image is the first of the run: a later phase may have put another one on it. */
export interface MatrixBoard extends ImageFacts {
  readonly board: string
  readonly type: string
  readonly twin: boolean
  /** Stages with their durations, in order; `fromMs` counts from the start of the run. */
  readonly stages: readonly { stage: string; fromMs: number; durationMs: number }[]
  /** `not read back`: a program wrote it; what the board then ran is the only proof. */
  readonly flash: 'verified' | 'not read back' | 'not flashed' | 'failed'
  readonly hostKey: string | null
  /** The offset of the board's recording at which the run's own copy begins; absent: nothing was recorded. */
  readonly recordedFrom?: number
}

/** One conclusive cell, kept for good: a line of `reports/evidence.jsonl`. */
export interface Evidence {
  readonly feature: string
  readonly type: string
  readonly board: string
  readonly twin: boolean
  readonly verdict: 'pass' | 'fail'
  readonly at: string
  readonly run: string
  readonly imageSha256: string
  readonly commit: string | null
  /** The line the image is proven to come from; null moves no hardware status. */
  readonly line: string | null
  readonly variant: string
  readonly slice?: ConsoleSlice
  readonly why?: string
  /** Nobody's run: a person looked, and says so with their name. */
  readonly manual?: { readonly by: string; readonly note: string }
}
