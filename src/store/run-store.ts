import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { DatabaseSync, SQLInputValue, SQLOutputValue } from 'node:sqlite'
import type { StageTime } from '../model/boot-times.ts'
import type { Evidence } from '../model/cell.ts'
import type { Feature } from '../model/feature.ts'
import type { Verdict } from '../model/verdict.ts'
import { openDatabase, writing } from './database.ts'
import { forget, importRun, LOG } from './import-run.ts'

/** A run with its boards, as a list shows it. */
export interface StoredRun {
  readonly run: string
  readonly bench: string
  readonly startedAt: string
  readonly endedAt: string | null
  readonly exitCode: number
  readonly durationMs: number
  readonly boards: readonly StoredBoard[]
}

export interface StoredBoard {
  readonly board: string
  readonly type: string
  readonly twin: boolean
  readonly imageSha256: string | null
  readonly imageName: string | null
  readonly commit: string | null
  /** Where the run's copy of the board's recording begins. */
  readonly recordedFrom: number | null
  /** How many of its features ended how. */
  readonly verdicts: Readonly<Partial<Record<Verdict, number>>>
}

/** A log that is not in the history, and why. */
export interface Unread {
  readonly path: string
  readonly why: string
}

/** What a list of runs is narrowed to. */
export interface RunFilter {
  /** A board or a board type. */
  readonly device?: string
  /** Only runs that began at this ISO time or later. */
  readonly since?: string
  /** The beginning of an image's digest or of its commit. */
  readonly image?: string
  /** Only boards with a feature that ended so. */
  readonly result?: Verdict
  readonly limit: number
}

/**
 * The history of the runs in a folder: `history.sqlite` beside them, a cache of their logs that may be deleted at any time.
 *
 * Several processes may use it at once. A folder that is not there has an empty history, and none is made.
 */
export class RunStore implements Disposable {
  readonly #db: DatabaseSync
  readonly #folder: string

  /** Errors: `configuration/history`. */
  constructor(runsFolder: string) {
    this.#folder = runsFolder
    this.#db = openDatabase(existsSync(runsFolder) ? join(runsFolder, 'history.sqlite') : ':memory:')
  }

  /** Takes one run in as it is now. */
  import(folder: string, features: readonly Feature[]): void {
    importRun(this.#db, this.#folder, folder, features)
  }

  /** Makes the history what the logs say: new and grown ones are read, those that are gone are forgotten. */
  sync(features: readonly Feature[]): void {
    const present = new Set(runFolders(this.#folder))
    for (const folder of present) this.import(folder, features)
    const gone = this.#all('SELECT folder FROM source').filter(({ folder }) => !present.has(String(folder)))
    if (gone.length > 0) writing(this.#db, () => gone.forEach(({ folder }) => forget(this.#db, String(folder))))
  }

  /** The logs that could not be read. */
  unread(): Unread[] {
    const rows = this.#all('SELECT folder, trouble FROM source WHERE trouble IS NOT NULL ORDER BY folder')
    return rows.map(({ folder, trouble }) => ({ path: join(this.#folder, String(folder), LOG), why: String(trouble) }))
  }

  /** Runs, newest first. */
  runs(filter: RunFilter): StoredRun[] {
    const { device = null, since = null, image = null, result = null, limit } = filter
    return this.#all(RUNS, { device, since, image, result, limit }).map(row => this.#stored(row))
  }

  /** One run; undefined: it is not, or no longer, there. */
  run(run: string): StoredRun | undefined {
    const [row] = this.#all('SELECT * FROM run WHERE run = :run', { run })
    return row && this.#stored(row)
  }

  /** Every conclusive cell, of one feature or of all; cells whose image nobody knows are none. */
  evidence(feature?: string): Evidence[] {
    const rows = this.#all(EVIDENCE, { feature: feature ?? null })
    return rows.map(({ evidence }) => JSON.parse(String(evidence)) as Evidence)
  }

  /** The run of the last fail of each feature on each board type. */
  lastFails(): ReadonlySet<string> {
    return new Set(this.#all(LAST_FAILS).map(({ run }) => String(run)))
  }

  /** How long a stage took on a board of a bench, oldest first; the latest 200. */
  stageTimes(bench: string, { board, stage, by }: Pick<StageTime, 'board' | 'stage' | 'by'>): number[] {
    const newest = this.#all(STAGE_TIMES, { bench, board, stage, by })
    return newest.map(row => Number(row['duration_ms'])).toReversed()
  }

  [Symbol.dispose](): void {
    this.#db.close()
  }

  #stored(row: Record<string, SQLOutputValue>): StoredRun {
    const run = String(row['run'])
    return {
      run,
      bench: String(row['bench']),
      startedAt: String(row['started_at']),
      endedAt: text(row['ended_at']),
      exitCode: Number(row['exit_code']),
      durationMs: Number(row['duration_ms']),
      boards: this.#boards(run),
    }
  }

  #boards(run: string): StoredBoard[] {
    const verdicts = Map.groupBy(this.#all(VERDICTS, { run }), ({ board }) => board)
    return this.#all('SELECT * FROM run_board WHERE run = :run ORDER BY board', { run }).map(row => ({
      board: String(row['board']),
      type: String(row['type']),
      twin: row['twin'] === 1,
      imageSha256: text(row['image_sha256']),
      imageName: text(row['image_name']),
      commit: text(row['commit_id']),
      recordedFrom: row['recorded_from'] === null ? null : Number(row['recorded_from']),
      verdicts: Object.fromEntries(
        (verdicts.get(row['board']) ?? []).map(({ verdict, n }) => [String(verdict), Number(n)]),
      ),
    }))
  }

  #all(sql: string, values: Record<string, SQLInputValue> = {}): Record<string, SQLOutputValue>[] {
    return this.#db.prepare(sql).all(values)
  }
}

const RUNS = `
SELECT * FROM run WHERE (:since IS NULL OR started_at >= :since) AND (
  (:device IS NULL AND :image IS NULL AND :result IS NULL) OR EXISTS (
    SELECT 1 FROM run_board b WHERE b.run = run.run
      AND (:device IS NULL OR :device IN (b.board, b.type))
      AND (:image IS NULL OR substr(b.image_sha256, 1, length(:image)) = :image OR substr(b.commit_id, 1, length(:image)) = :image)
      AND (:result IS NULL OR EXISTS (
        SELECT 1 FROM cell c WHERE c.run = b.run AND c.board = b.board AND c.verdict = :result))))
ORDER BY started_at DESC, run DESC LIMIT :limit`

const STAGE_TIMES = `
SELECT t.duration_ms FROM stage_time t JOIN run USING (run)
WHERE run.bench = :bench AND t.board = :board AND t.stage = :stage AND t.way = :by
ORDER BY t.at DESC, t.run DESC LIMIT 200`

const VERDICTS = 'SELECT board, verdict, count(*) AS n FROM cell WHERE run = :run GROUP BY board, verdict'

const EVIDENCE = `
SELECT evidence FROM cell WHERE evidence IS NOT NULL AND (:feature IS NULL OR feature = :feature)
ORDER BY at, run, board, feature`

const LAST_FAILS = `
SELECT run, max(at || run) FROM cell WHERE verdict = 'fail' GROUP BY feature, type, twin`

function text(value: SQLOutputValue | undefined): string | null {
  return value === null || value === undefined ? null : String(value)
}

/** Folders of runs: those with a log. What `hil gc` is about to remove begins with a dot. */
function runFolders(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { withFileTypes: true })
    .filter(entry => entry.isDirectory() && !entry.name.startsWith('.') && existsSync(join(folder, entry.name, LOG)))
    .map(({ name }) => name)
}
