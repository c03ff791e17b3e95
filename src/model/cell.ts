import type { FaultRecord } from '../base/fault.ts'
import type { FaultClass } from '../base/fault-codes.ts'
import type { Whose } from './attribution.ts'
import type { DiagnosisResult } from './diagnosis.ts'
import type { ConsoleSlice, TestResult } from './event.ts'
import type { Variant } from './image.ts'
import type { Rung } from './ladder.ts'
import type { Verdict } from './verdict.ts'

/** The image something was found out about; all null when none is known. */
export interface ImageFacts {
  readonly imageSha256: string | null
  readonly imageName: string | null
  readonly commit: string | null
  readonly variant: Variant | null
  /** The line it is proven to come from; null moves no hardware status. */
  readonly line: string | null
  /** Where its commit stands in that line, counted from the first; absent: nobody says. */
  readonly position?: number
}

/** How often a finding was looked at again on the same board and image at once, and how often the answer was the same. */
export interface Reruns {
  readonly ran: number
  readonly agreed: number
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
  /** What re-running said of a fail, or of a pass that had to be confirmed; absent: nobody re-ran it. */
  readonly reruns?: Reruns
  /** Required checks that nobody made: the bench lacks what they need, or they were not selected. */
  readonly untested?: readonly string[]
  /** It failed because the image does not have the feature at all. */
  readonly absent?: true
  /** The ticket of the open known issue that this failure is: it fails, and the run does not exit by it. */
  readonly known?: string
  /** Whose the failure was found to be, by comparing images and boards. */
  readonly attribution?: { readonly is: Whose; readonly why: string }
  /** Boards of this type that found the opposite of the same image in this run. */
  readonly disagrees?: readonly string[]
  readonly tests: readonly TestResult[]
}

/** How it was found out why a board did not boot its image. */
export interface Diagnosis {
  readonly board: string
  readonly is: DiagnosisResult
  readonly why: string
  readonly steps: readonly {
    readonly of: 'image' | 'golden'
    readonly fault?: FaultRecord
    readonly firmware?: string
  }[]
}

/** A run's results: the pure outcome of its log. */
export interface RunMatrix {
  readonly run: string
  readonly startedAt: string
  readonly endedAt: string | null
  readonly bench: string
  /** The words of the command line. */
  readonly command?: readonly string[]
  readonly exitCode: number
  readonly boards: readonly MatrixBoard[]
  readonly cells: readonly Cell[]
  readonly faults: readonly { board: string | null; blame: FaultClass; fault: FaultRecord }[]
  readonly notes: readonly { board: string | null; text: string }[]
  /** Of boards that did not boot their image: whose fault that was found to be, and how. Absent: none was made. */
  readonly diagnoses?: readonly Diagnosis[]
  readonly left: readonly { what: string; why: string }[]
}

/** Its image is the first of the run: a later phase may have put another one on it. */
export interface MatrixBoard extends ImageFacts {
  readonly board: string
  readonly type: string
  readonly twin: boolean
  /** Stages with their durations, in order; `fromMs` counts from the start of the run. */
  readonly stages: readonly { stage: string; fromMs: number; durationMs: number }[]
  /** What was done to bring it back to where it could be trusted; absent: nothing had to be. */
  readonly recoveries?: readonly {
    readonly rung: Rung
    readonly why: string
    readonly fromMs: number
    readonly durationMs: number
    readonly helped: boolean
  }[]
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
  /** Where the commit stands in its line; absent: its place is the time when it was first tested. */
  readonly position?: number
  /** Of a fail: re-runs that failed again confirm it. Of a pass: two that passed again do. Absent: nobody re-ran it. */
  readonly reruns?: Reruns
  /** Required checks of a pass that were not made: they keep the row from ✅. */
  readonly untested?: readonly string[]
  /** The fail is that the image does not have the feature. */
  readonly absent?: true
  readonly slice?: ConsoleSlice
  readonly why?: string
  /** Nobody's run: a person looked, and says so with their name. */
  readonly manual?: { readonly by: string; readonly note: string }
}
