import type { DatabaseSync } from 'node:sqlite'
import type { LogBatch, LogRecord, TopicDescription } from '../../../consumers/ports/log.ts'
import { decodeHeaders } from './headers.ts'

export type SqliteTopic = {
  readonly id: number
  /** The identity that `Log.ends` reports. Synced data is never lost, so one topic is one log. */
  readonly identity: string
  readonly description: TopicDescription
}

export type PartitionSpan = { readonly start: number; readonly stable: number; readonly end: number }

/** Queries on the log's tables; every call is one short, synchronous read. */
export type LogReads = {
  readonly topic: (name: string) => SqliteTopic | null
  /** By partition; empty where the topic was deleted. */
  readonly spans: (topic: number) => ReadonlyMap<number, PartitionSpan>
  /** `null` where the offset is out of range; a deleted topic returns no records. */
  readonly read: (topic: SqliteTopic, partition: number, from: number, maxBytes: number) => LogBatch | null
  /** The value changes when another connection, of this process or of another, has written. */
  readonly version: () => number
}

type TopicRow = {
  readonly id: number
  readonly identity: string
  readonly partitions: number
  readonly settings: string
}

type RecordRow = {
  readonly offset: number
  readonly timestamp_ms: number
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  readonly headers: string | null
}

export const logReads = (db: DatabaseSync): LogReads => {
  const topic = db.prepare('SELECT id, identity, partitions, settings FROM log_topics WHERE name = ?')
  const spans = db.prepare('SELECT partition, start, stable, "end" FROM log_partitions WHERE topic = ?')
  const span = db.prepare('SELECT start, stable, "end" FROM log_partitions WHERE topic = ? AND partition = ?')
  const records = db.prepare(
    `SELECT "offset", timestamp_ms, key, value, headers FROM log_records
     WHERE topic = ? AND partition = ? AND "offset" >= ? AND "offset" < ? ORDER BY "offset"`,
  )
  const version = db.prepare('PRAGMA data_version')

  return {
    topic: (name) => {
      const row = topic.get(name) as TopicRow | undefined
      if (row === undefined) return null
      const settings = new Map(JSON.parse(row.settings) as [string, string][])
      return { id: row.id, identity: `${row.identity}.0`, description: { name, partitions: row.partitions, settings } }
    },
    spans: (id) =>
      new Map(
        (spans.all(id) as (PartitionSpan & { partition: number })[]).map(({ partition, ...found }) => [
          partition,
          found,
        ]),
      ),
    read: ({ id, identity }, partition, from, maxBytes) => {
      const found = span.get(id, partition) as PartitionSpan | undefined
      if (found !== undefined && (from < found.start || from > found.end)) return null
      if (found === undefined || from >= found.stable)
        return { partition, from, records: [], next: from, identity, end: found?.end ?? from }
      const batch: LogRecord[] = []
      let bytes = 0
      let next = found.stable
      // Leaving the loop resets the statement. An open statement would fix this connection's view of the whole file.
      for (const row of records.iterate(id, partition, from, found.stable) as Iterable<RecordRow>) {
        if (bytes >= maxBytes) {
          next = batch.at(-1)!.offset + 1
          break
        }
        const { offset, timestamp_ms: timestampMs, key, value, headers } = row
        batch.push({ partition, offset, timestampMs, key, value, headers: decodeHeaders(headers) })
        bytes += RECORD_BYTES + (key?.length ?? 0) + (value?.length ?? 0)
      }
      return { partition, from, records: batch, next, identity, end: found.end }
    },
    version: () => (version.get() as { data_version: number }).data_version,
  }
}

/** Approximate bytes of a record in addition to its key and value. */
export const RECORD_BYTES = 64
