import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RunMatrix } from '../../model/cell.ts'
import type { RunEvent } from '../../model/event.ts'
import { fold } from '../../model/fold.ts'
import { parseEvents } from '../../model/fold-lines.ts'
import { evidenceOf } from '../../model/evidence.ts'
import type { Labels } from '../../model/labels.ts'
import { loadLabels } from '../../run/catalog.ts'
import { writeReports } from '../../run/reports.ts'
import type { SimRun } from '../sim-run.ts'
import { SIM_FEATURES } from '../suite/features.ts'

/** What a run left: its log as it lies on the disk, and what that adds up to. */
export interface Findings {
  readonly run: SimRun
  readonly events: readonly RunEvent[]
  readonly matrix: RunMatrix
}

let labels: Labels | undefined

/** Reads a run's log back and makes its reports; undefined where it never began one. Errors: of what cannot be made of it. */
export function findingsOf(run: SimRun, withReports: boolean): Findings | undefined {
  const { folder } = run
  const path = folder && join(folder, 'run.jsonl')
  if (!path || !existsSync(path)) return undefined
  const events = parseEvents(readFileSync(path, 'utf8'))
  if (events.length === 0) return undefined
  const matrix = fold(events, SIM_FEATURES)
  evidenceOf(matrix)
  if (!withReports) return { run, events, matrix }
  labels ??= loadLabels()
  writeReports(matrix, folder, { features: SIM_FEATURES, labels, evidence: [], issues: [] })
  return { run, events, matrix }
}
