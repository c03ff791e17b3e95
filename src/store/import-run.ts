import { statSync } from 'node:fs'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { asFault, Fault } from '../base/fault.ts'
import { linesOfFile } from '../base/lines.ts'
import type { Cell, Evidence, RunMatrix } from '../model/cell.ts'
import { bootTimes, type StageTime } from '../model/boot-times.ts'
import { evidenceOf } from '../model/evidence.ts'
import type { Feature } from '../model/feature.ts'
import { fold, parseEvents } from '../model/fold.ts'
import { writing } from './database.ts'

/** The log of a run, in the folder of the run. */
export const LOG = 'run.jsonl'

/**
 * Reads the log of one run folder into the database, if it is not there as it is now: a log that grew replaces what was
 * known of it. Its rows are what a fold of it gives with the features of today.
 *
 * Errors: what the database says. A log that cannot be read is none: it is remembered as such, and read again once it changes.
 */
export function importRun(db: DatabaseSync, runsFolder: string, folder: string, features: readonly Feature[]): void {
  const path = join(runsFolder, folder, LOG)
  if (isCurrent(db, path, folder)) return
  writing(db, () => {
    // Another process may just have done it.
    if (isCurrent(db, path, folder)) return
    const stat = statSync(path, { throwIfNoEntry: false })
    forget(db, folder)
    if (!stat) return
    const trouble = takeIn(db, path, folder, features)
    db.prepare('INSERT INTO source VALUES (?, ?, ?, ?)').run(folder, stat.size, stat.mtimeMs, trouble)
  })
}

/** Drops all that came from a run folder. */
export function forget(db: DatabaseSync, folder: string): void {
  db.prepare('DELETE FROM source WHERE folder = ?').run(folder)
  db.prepare('DELETE FROM run WHERE run = ?').run(folder)
}

function isCurrent(db: DatabaseSync, path: string, folder: string): boolean {
  const stat = statSync(path, { throwIfNoEntry: false })
  const known = db.prepare('SELECT bytes, changed_ms FROM source WHERE folder = ?').get(folder)
  if (!stat || !known) return stat === undefined && known === undefined
  return known['bytes'] === stat.size && known['changed_ms'] === stat.mtimeMs
}

/** What is wrong with the log; null: nothing. */
function takeIn(db: DatabaseSync, path: string, folder: string, features: readonly Feature[]): string | null {
  let matrix: RunMatrix
  let times: StageTime[]
  try {
    const events = parseEvents(linesOfFile(path), path)
    matrix = fold(events, features)
    times = bootTimes(events)
  } catch (error) {
    const fault = asFault(error)
    if (!(error instanceof Fault)) return fault.seen
    return fault.evidence[0] ?? fault.seen
  }
  if (matrix.run === '') return null
  // A copy of a run beside it would count twice.
  if (matrix.run !== folder) return `it is the log of ${matrix.run}, whose folder has that name`
  insert(db, matrix)
  const addTime = db.prepare('INSERT INTO stage_time VALUES (?, ?, ?, ?, ?, ?)')
  for (const { board, stage, by, at, durationMs } of times) addTime.run(matrix.run, board, stage, by, at, durationMs)
  return null
}

function insert(db: DatabaseSync, matrix: RunMatrix): void {
  const { run, bench, startedAt, endedAt, exitCode, boards, cells } = matrix
  db.prepare('INSERT INTO run VALUES (?, ?, ?, ?, ?, ?)').run(
    run,
    bench,
    startedAt,
    endedAt,
    exitCode,
    durationMs(matrix),
  )
  const addBoard = db.prepare('INSERT INTO run_board VALUES (?, ?, ?, ?, ?, ?, ?, ?)')
  for (const { board, type, twin, imageSha256, imageName, commit, recordedFrom } of boards)
    addBoard.run(run, board, type, Number(twin), imageSha256, imageName, commit, recordedFrom ?? null)
  const known = new Map(evidenceOf(matrix).map(line => [keyOf(line), line]))
  const addCell = db.prepare('INSERT INTO cell VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)')
  for (const cell of cells) {
    const { feature, board, type, twin, verdict } = cell
    const evidence = known.get(keyOf(cell))
    addCell.run(
      run,
      feature,
      board,
      type,
      Number(twin),
      verdict,
      endedAt ?? startedAt,
      evidence?.why ?? whyOf(cell),
      evidence ? JSON.stringify(evidence) : null,
    )
  }
}

function keyOf({ feature, board }: Pick<Evidence, 'feature' | 'board'>): string {
  return `${feature}\n${board}`
}

function whyOf({ fault, reason, blame }: Cell): string | null {
  return fault ? `${fault.code}: ${fault.seen}` : (reason ?? blame ?? null)
}

/** Up to its end, or to where the log stops. */
function durationMs({ startedAt, endedAt, boards }: RunMatrix): number {
  const stages = boards.flatMap(({ stages }) => stages.map(stage => stage.fromMs + stage.durationMs))
  const wholeMs = endedAt === null ? 0 : Date.parse(endedAt) - Date.parse(startedAt)
  return Math.max(0, ...stages, wholeMs || 0)
}
