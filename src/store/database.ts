import { rmSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { Fault } from '../base/fault.ts'
import { shortPath } from '../base/paths.ts'
import { SCHEMA, SCHEMA_VERSION } from './schema.ts'

/** How long to wait for another process that writes. Reading a log of a million tests takes some 10 s. */
const BUSY_LIMIT_MS = 30_000

const SQLITE_CORRUPT = 11
const SQLITE_NOTADB = 26

/**
 * Opens the database of a history, made anew where it is missing, damaged or of an older form.
 *
 * Several processes may have it open at once. Errors: `configuration/history` when it cannot be used, or is of a newer form.
 */
export function openDatabase(path: string): DatabaseSync {
  try {
    return openAsItIs(path)
  } catch (error) {
    const code = (error as { errcode?: number }).errcode ?? 0
    if (![SQLITE_CORRUPT, SQLITE_NOTADB].includes(code & 0xff)) throw unusable(path, error)
    // The file itself only: SQLite drops a write-ahead log whose database is new and empty.
    rmSync(path, { force: true })
    try {
      return openAsItIs(path)
    } catch (again) {
      throw unusable(path, again)
    }
  }
}

function openAsItIs(path: string): DatabaseSync {
  const db = new DatabaseSync(path, { timeout: BUSY_LIMIT_MS })
  try {
    db.exec('PRAGMA synchronous = NORMAL')
    if (versionOf(db) !== SCHEMA_VERSION) migrate(db, path)
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

/** Whoever comes second finds it done: the version is looked at again once nobody else can write. */
function migrate(db: DatabaseSync, path: string): void {
  waitFor(() => db.exec('PRAGMA journal_mode = WAL'))
  writing(db, () => {
    const version = versionOf(db)
    if (version === SCHEMA_VERSION) return
    if (version > SCHEMA_VERSION)
      throw new Fault('configuration/history', {
        expected: `a history of form ${SCHEMA_VERSION} or older in ${shortPath(path)}`,
        seen: `form ${version}, of a newer hil`,
      })
    const tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'").all()
    db.exec('PRAGMA defer_foreign_keys = ON')
    for (const { name } of tables) db.exec(`DROP TABLE "${String(name)}"`)
    db.exec(`${SCHEMA}; PRAGMA user_version = ${SCHEMA_VERSION}`)
  })
}

/** Runs `work` as one transaction that nobody else writes beside, and that is whole or not at all. */
export function writing<T>(db: DatabaseSync, work: () => T): T {
  db.exec('BEGIN IMMEDIATE')
  try {
    const result = work()
    db.exec('COMMIT')
    return result
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK')
    throw error
  }
}

const SQLITE_BUSY = 5
const RETRY_MS = 20

/** The change to a write-ahead log does not use SQLite's own waiting: two processes that both want it are told "busy" at once. */
function waitFor(work: () => void): void {
  const cell = new Int32Array(new SharedArrayBuffer(4))
  for (let waitedMs = 0; ; waitedMs += RETRY_MS) {
    try {
      return work()
    } catch (error) {
      if ((error as { errcode?: number }).errcode !== SQLITE_BUSY || waitedMs >= BUSY_LIMIT_MS) throw error
      Atomics.wait(cell, 0, 0, RETRY_MS)
    }
  }
}

function versionOf(db: DatabaseSync): number {
  return Number(db.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0)
}

function unusable(path: string, error: unknown): Fault {
  if (error instanceof Fault) return error
  return new Fault('configuration/history', {
    expected: `a usable history ${shortPath(path)}`,
    seen: (error as Error).message,
    cause: error,
  })
}
