/**
 * The form of the database. A change of it is a new number: whatever an older program left is thrown away and read again
 * from the runs, which are the truth.
 */
export const SCHEMA_VERSION = 2

/** `source`: what is known of a log file. A log that cannot be read has `trouble`, one without a beginning has no run. */
export const SCHEMA = `
CREATE TABLE source (
  folder TEXT PRIMARY KEY,
  bytes INTEGER NOT NULL,
  changed_ms REAL NOT NULL,
  trouble TEXT
) STRICT;
CREATE TABLE run (
  run TEXT PRIMARY KEY,
  bench TEXT NOT NULL,
  started_at TEXT NOT NULL,
  ended_at TEXT,
  exit_code INTEGER NOT NULL,
  duration_ms REAL NOT NULL
) STRICT;
CREATE INDEX run_started ON run (started_at);
CREATE TABLE run_board (
  run TEXT NOT NULL REFERENCES run ON DELETE CASCADE,
  board TEXT NOT NULL,
  type TEXT NOT NULL,
  twin INTEGER NOT NULL,
  image_sha256 TEXT,
  image_name TEXT,
  commit_id TEXT,
  recorded_from INTEGER,
  PRIMARY KEY (run, board)
) STRICT, WITHOUT ROWID;
CREATE TABLE cell (
  run TEXT NOT NULL REFERENCES run ON DELETE CASCADE,
  feature TEXT NOT NULL,
  board TEXT NOT NULL,
  type TEXT NOT NULL,
  twin INTEGER NOT NULL,
  verdict TEXT NOT NULL,
  at TEXT NOT NULL,
  why TEXT,
  evidence TEXT,
  PRIMARY KEY (run, board, feature)
) STRICT, WITHOUT ROWID;
CREATE TABLE stage_time (
  run TEXT NOT NULL REFERENCES run ON DELETE CASCADE,
  board TEXT NOT NULL,
  stage TEXT NOT NULL,
  way TEXT NOT NULL,
  at TEXT NOT NULL,
  duration_ms REAL NOT NULL
) STRICT;
CREATE INDEX stage_time_board ON stage_time (board, stage, way, at);
CREATE INDEX stage_time_run ON stage_time (run);
CREATE INDEX cell_feature ON cell (feature, verdict, at);
`
