-- The outbox: written in the ERP's own transaction, so that an event is there exactly if what it tells of has happened.
-- SQLite's dialect; publishers/README.md has the lines that differ for MySQL, PostgreSQL and SQL Server.

CREATE TABLE IF NOT EXISTS student_sequence (
  identifier TEXT PRIMARY KEY,
  last       INTEGER NOT NULL          -- the highest number given to an event of this student
);

CREATE TABLE IF NOT EXISTS outbox (
  position     INTEGER PRIMARY KEY AUTOINCREMENT,
  identifier   TEXT NOT NULL,          -- the record's key
  sequence     INTEGER NOT NULL,
  event        TEXT NOT NULL,          -- the finished CloudEvent: what is sent again is the same to the byte
  published_at TEXT,                   -- NULL until Kafka has acknowledged it
  UNIQUE (identifier, sequence)
);

CREATE INDEX IF NOT EXISTS outbox_waiting ON outbox (position) WHERE published_at IS NULL;
