import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { FaultRecord } from '../../base/fault.ts'
import type { Cell, Diagnosis, Evidence } from '../../model/cell.ts'
import type { TestResult } from '../../model/event.ts'
import type { RunMatrix } from '../../model/cell.ts'
import { ageDays } from '../../model/status-type.ts'
import { sliceText, type SliceText } from '../../store/console-slice.ts'

/** One status cell: what it is, by which rule, and on what grounds. */
export interface Explained {
  readonly type: string
  readonly twin: boolean
  readonly status: string
  /** The rule that decided, in words. */
  readonly why: string
  /** What it decided by. Null: never tested. */
  readonly decidedBy: Proof | null
  /** Newest first, at most five. */
  readonly before: readonly Evidence[]
  /** What runs here found later and nobody took into the evidence: newest first, at most five. */
  readonly since: readonly Evidence[]
  /** The newest of these. */
  readonly newest: Proof | null
}

/** A piece of evidence with what is left of its run. */
export interface Proof {
  readonly evidence: Evidence
  readonly ageDays: number
  /** Null: no run, or its folder is not, or no longer, here. */
  readonly runFolder: string | null
  /** The tests of this feature and board that did not pass. */
  readonly troubles: readonly (Pick<TestResult, 'title' | 'verdict' | 'reason'> & { readonly fault?: FaultRecord })[]
  readonly console: SliceText | null
  /** Whose failures of the feature in that run were found to be, by comparing images and boards. */
  readonly attributions: readonly (Attribution & { readonly board: string })[]
  /** Of the board in that run, where it did not boot. */
  readonly diagnoses: readonly Diagnosis[]
}

type Attribution = NonNullable<Cell['attribution']>

const MAX_LINES = 20

/** A piece of evidence with its run's own words and console, as far as they are still in `runsFolder`. */
export function proofOf(
  evidence: Evidence,
  { runsFolder, asOfMs, readRun }: { runsFolder: string; asOfMs: number; readRun: (path: string) => RunMatrix | null },
): Proof {
  const runFolder = join(runsFolder, evidence.run)
  const here = !evidence.manual && existsSync(runFolder)
  const matrix = here ? readRun(join(runFolder, 'run.jsonl')) : null
  const { board, feature, slice } = evidence
  const cell = matrix?.cells.find(cell => cell.board === board && cell.feature === feature)
  const recordedFrom = matrix?.boards.find(other => other.board === board)?.recordedFrom
  const recording = join(runFolder, board, 'console.log')
  const heard = slice && recordedFrom !== undefined && sliceText(recording, slice, recordedFrom, MAX_LINES)
  const troubles = (cell?.tests ?? []).filter(({ verdict }) => verdict !== 'pass' && verdict !== 'skip')
  return {
    evidence,
    ageDays: ageDays(evidence, asOfMs),
    runFolder: here ? runFolder : null,
    troubles: troubles.map(({ title, verdict, reason, fault }) => ({
      title,
      verdict,
      ...(reason !== undefined && { reason }),
      ...(fault && { fault }),
    })),
    console: heard || null,
    attributions: (matrix?.cells ?? []).flatMap(({ board, feature: id, attribution }) =>
      id === feature && attribution ? [{ board, ...attribution }] : [],
    ),
    diagnoses: (matrix?.diagnoses ?? []).filter(made => made.board === board),
  }
}
