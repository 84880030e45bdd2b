/**
 * The projection's tables in a SQLite file. Leases stay in memory: a lease is valid for two seconds and only for
 * readers in the same process.
 */
export const STORE_TABLES = `
CREATE TABLE store (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  active INTEGER, -- generation
  last_generation INTEGER NOT NULL,
  topic TEXT,
  former INTEGER, -- generation
  building INTEGER, -- generation
  builder TEXT,
  until_ms INTEGER NOT NULL DEFAULT 0
) STRICT;
INSERT INTO store (one, active, last_generation, topic) VALUES (1, NULL, 0, NULL);
CREATE TABLE store_leftovers (generation INTEGER PRIMARY KEY) STRICT;
CREATE TABLE store_retired (generation INTEGER PRIMARY KEY) STRICT;
CREATE TABLE store_checkpoints (
  generation INTEGER NOT NULL,
  partition INTEGER NOT NULL,
  next INTEGER NOT NULL,
  tail TEXT NOT NULL,
  PRIMARY KEY (generation, partition)
) STRICT, WITHOUT ROWID;
CREATE TABLE store_students (
  row INTEGER PRIMARY KEY AUTOINCREMENT, -- the order of pages; a student keeps it
  generation INTEGER NOT NULL,
  partition INTEGER NOT NULL,
  identifier TEXT NOT NULL,
  record BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX store_student_places ON store_students (generation, partition, identifier);
CREATE TABLE store_custom (
  generation INTEGER NOT NULL,
  custom TEXT NOT NULL,
  partition INTEGER NOT NULL,
  identifier TEXT NOT NULL,
  PRIMARY KEY (generation, custom, partition, identifier)
) STRICT, WITHOUT ROWID;
CREATE TABLE store_suspects (
  generation INTEGER NOT NULL,
  partition INTEGER NOT NULL,
  identifier TEXT NOT NULL,
  PRIMARY KEY (generation, partition, identifier)
) STRICT, WITHOUT ROWID;
CREATE TABLE store_heartbeats (
  generation INTEGER NOT NULL,
  partition INTEGER NOT NULL,
  source TEXT NOT NULL,
  time_ms INTEGER NOT NULL,
  PRIMARY KEY (generation, partition, source)
) STRICT, WITHOUT ROWID;
CREATE TABLE store_misrouting (
  generation INTEGER NOT NULL,
  partition INTEGER NOT NULL,
  source TEXT NOT NULL,
  PRIMARY KEY (generation, partition, source)
) STRICT, WITHOUT ROWID;
`

/** Added when a process opens the file for writing: files of earlier versions lack these tables. */
export const RECENT_ANSWERS_TABLES = `
CREATE TABLE IF NOT EXISTS store_answers (
  partition INTEGER NOT NULL,
  identifier TEXT NOT NULL,
  lines TEXT NOT NULL,
  until_ms INTEGER NOT NULL,
  PRIMARY KEY (partition, identifier)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS store_answer_ends ON store_answers (until_ms);
CREATE TABLE IF NOT EXISTS store_recorders (
  recorder TEXT PRIMARY KEY,
  numbered INTEGER NOT NULL,
  seen_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
`
