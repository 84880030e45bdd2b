import { randomUUID } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import { compareTopic } from '../../../consumers/ports/compare-topic.ts'
import type { EnsuredTopic, NewRecord, Position, TopicSpec } from '../../../consumers/ports/log.ts'
import { encodeHeaders } from './headers.ts'
import { logReads, type SqliteTopic } from './reads.ts'
import { TOPIC_DEFAULTS } from './tables.ts'

/** `refused` and `unavailable` are those of a `LogError`; nothing was written. */
export type AppendOutcome =
  | { readonly kind: 'appended'; readonly positions: readonly Position[] }
  | { readonly kind: 'refused' | 'unavailable'; readonly why: string }

/** Writes to the log's tables; the caller opens the write transaction. */
export type LogWrites = {
  readonly append: (records: readonly NewRecord[], nowMs: number) => AppendOutcome
  readonly ensureTopics: (specs: readonly TopicSpec[]) => readonly EnsuredTopic[]
}

type Seat = { readonly topic: number; readonly partition: number; next: number; readonly settings: Settings }
type Settings = ReadonlyMap<string, string>

/** Expired records deleted with each append: more than an append adds on average. */
const EXPIRED_AT_ONCE = 1000

const datesItself = (settings: Settings): boolean => settings.get('message.timestamp.type') === 'LogAppendTime'

export const logWrites = (db: DatabaseSync): LogWrites => {
  const reads = logReads(db)
  const insertTopic = db.prepare('INSERT INTO log_topics (identity, name, partitions, settings) VALUES (?, ?, ?, ?)')
  const insertPartition = db.prepare(
    'INSERT INTO log_partitions (topic, partition, start, stable, "end") VALUES (?, ?, 0, 0, 0)',
  )
  const findEnd = db.prepare('SELECT "end" FROM log_partitions WHERE topic = ? AND partition = ?')
  // New offsets are not visible while earlier offsets are not visible.
  const moveEnd = db.prepare(
    `UPDATE log_partitions SET stable = CASE WHEN stable = "end" THEN ?1 ELSE stable END, "end" = ?1
     WHERE topic = ?2 AND partition = ?3`,
  )
  const insertRecord = db.prepare(
    `INSERT INTO log_records (topic, partition, "offset", timestamp_ms, key, value, headers)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
  )

  const oldest = db.prepare(
    `SELECT "offset", timestamp_ms FROM log_records WHERE topic = ? AND partition = ? ORDER BY "offset" LIMIT ${EXPIRED_AT_ONCE}`,
  )
  const remove = db.prepare('DELETE FROM log_records WHERE topic = ? AND partition = ? AND "offset" < ?')
  const moveStart = db.prepare('UPDATE log_partitions SET start = ? WHERE topic = ? AND partition = ?')

  /** From the first record up to the first that is not expired. */
  const expire = ({ topic, partition, settings }: Seat, nowMs: number): void => {
    const retentionMs = Number(settings.get('retention.ms') ?? -1)
    if (retentionMs < 0) return
    const rows = oldest.all(topic, partition) as { offset: number; timestamp_ms: number }[]
    const young = rows.findIndex(({ timestamp_ms: ms }) => ms >= nowMs - retentionMs)
    const count = young < 0 ? rows.length : young
    if (count === 0) return
    const start = rows[count - 1]!.offset + 1
    remove.run(topic, partition, start)
    moveStart.run(start, topic, partition)
  }

  const misfit = (record: NewRecord, topic: SqliteTopic | null): AppendOutcome | null => {
    if (topic === null || !(record.partition >= 0 && record.partition < topic.description.partitions))
      return { kind: 'unavailable', why: `no partition ${record.partition} of ${record.topic}` }
    const bytes = (record.key?.length ?? 0) + (record.value?.length ?? 0)
    return bytes > Number(topic.description.settings.get('max.message.bytes'))
      ? { kind: 'refused', why: `append: a record of ${bytes} bytes is too large for ${record.topic}` }
      : null
  }

  const append: LogWrites['append'] = (records, nowMs) => {
    const topics = new Map<string, SqliteTopic | null>()
    for (const record of records) {
      if (!topics.has(record.topic)) topics.set(record.topic, reads.topic(record.topic))
      const refusal = misfit(record, topics.get(record.topic)!)
      if (refusal !== null) return refusal
    }
    const seats = new Map<string, Seat>()
    const seatOf = ({ topic: name, partition }: NewRecord): Seat => {
      const known = seats.get(`${partition} ${name}`)
      if (known !== undefined) return known
      const { id: topic, description } = topics.get(name)!
      const { settings } = description
      const seat = { topic, partition, settings, next: (findEnd.get(topic, partition) as { end: number }).end }
      seats.set(`${partition} ${name}`, seat)
      // Before its records are inserted: what is appended now can be read at least until the next append.
      expire(seat, nowMs)
      return seat
    }
    const positions = records.map((record) => {
      const seat = seatOf(record)
      const offset = seat.next++
      const { key, value, headers } = record
      const timestampMs = datesItself(seat.settings) ? nowMs : (record.timestampMs ?? nowMs)
      insertRecord.run(seat.topic, seat.partition, offset, timestampMs, key, value, encodeHeaders(headers))
      return { partition: seat.partition, offset }
    })
    for (const seat of seats.values()) moveEnd.run(seat.next, seat.topic, seat.partition)
    return { kind: 'appended', positions }
  }

  const ensure = (spec: TopicSpec): EnsuredTopic => {
    const found = reads.topic(spec.name)
    if (found !== null) return compareTopic(spec, found.description)
    const settings = JSON.stringify([...new Map([...TOPIC_DEFAULTS, ...spec.settings])])
    const { lastInsertRowid: id } = insertTopic.run(randomUUID(), spec.name, spec.partitions, settings)
    for (let partition = 0; partition < spec.partitions; partition++) insertPartition.run(id, partition)
    return { kind: 'created' }
  }

  return { append, ensureTopics: (specs) => specs.map(ensure) }
}
