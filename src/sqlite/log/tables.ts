/**
 * The log's tables in a SQLite file. An offset without a row is a hole, like a control record in Kafka. Reads end at
 * `stable`; offsets from `stable` to `end` are assigned but not yet visible. Pullgate leaves no such offsets: they
 * stand for an open transaction.
 */
export const LOG_TABLES = `
CREATE TABLE log_topics (
  id INTEGER PRIMARY KEY AUTOINCREMENT, -- never given out twice: a topic made anew is another one
  identity TEXT NOT NULL, -- the same over all files
  name TEXT NOT NULL UNIQUE,
  partitions INTEGER NOT NULL,
  settings TEXT NOT NULL -- JSON, [[name, value], …]
) STRICT;
CREATE TABLE log_partitions (
  topic INTEGER NOT NULL,
  partition INTEGER NOT NULL,
  start INTEGER NOT NULL,
  stable INTEGER NOT NULL,
  "end" INTEGER NOT NULL,
  PRIMARY KEY (topic, partition)
) STRICT, WITHOUT ROWID;
CREATE TABLE log_records (
  topic INTEGER NOT NULL,
  partition INTEGER NOT NULL,
  "offset" INTEGER NOT NULL,
  timestamp_ms INTEGER NOT NULL,
  key BLOB,
  value BLOB,
  headers TEXT -- JSON, [[name, base64 or null], …]; NULL: none
) STRICT;
CREATE UNIQUE INDEX log_record_places ON log_records (topic, partition, "offset");
`

/** Kafka's defaults for settings that a topic does not set. */
export const TOPIC_DEFAULTS: readonly (readonly [string, string])[] = [
  ['cleanup.policy', 'delete'],
  ['retention.ms', '604800000'],
  ['retention.bytes', '-1'],
  ['message.timestamp.type', 'CreateTime'],
  ['max.message.bytes', '1048588'],
]
