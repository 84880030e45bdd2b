/** One partition's records in memory, with the gaps that control records and aborted transactions leave in a real log. */

import type { LogBatch, LogRecord, NewRecord } from '../../consumers/ports/log.ts'

/** `hidden`: it has an offset, and no consumer ever sees it. `pending`: its transaction is still open. */
type MemoryEntry = { readonly offset: number; record: LogRecord | null; state: 'visible' | 'hidden' | 'pending' }

export type MemoryPartition = {
  readonly start: () => number
  /** The offset after the last entry, behind open transactions too. */
  readonly end: () => number
  readonly identity: () => string
  readonly append: (record: NewRecord, nowMs: number, state?: 'visible' | 'pending') => number
  readonly appendControl: () => number
  /** Ends the transaction that these offsets belong to: its records are seen, or never. */
  readonly settle: (offsets: readonly number[], commit: boolean) => void
  /** `null` where the offset is out of range. */
  readonly read: (from: number, maxBytes: number) => LogBatch | null
  /** Loses the tail from `end` on, as an unclean leader election does. */
  readonly truncate: (end: number) => void
  /** Loses the head up to `start`, as retention does. */
  readonly expire: (start: number) => void
}

/** @param topicId unique among all topics ever created */
export const memoryPartition = (partition: number, topicId: number): MemoryPartition => {
  let entries: MemoryEntry[] = []
  let start = 0
  let end = 0
  let cuts = 0

  const add = (record: LogRecord | null, state: MemoryEntry['state']): number => {
    entries.push({ offset: end, record, state })
    return end++
  }

  const identity = (): string => `${topicId}.${cuts}`

  const read: MemoryPartition['read'] = (from, maxBytes) => {
    if (from < start || from > end) return null
    const records: LogRecord[] = []
    let next = from
    let bytes = 0
    for (let at = from - start; at < entries.length; at++) {
      const { record, state } = entries[at]!
      if (state === 'pending' || bytes >= maxBytes) break
      if (state === 'visible' && record !== null) {
        records.push(record)
        bytes += sizeOf(record)
      }
      next++
    }
    return { partition, from, records, next, identity: identity(), end }
  }

  return {
    start: () => start,
    end: () => end,
    identity,
    append: (record, nowMs, state = 'visible') => {
      const kept = { partition, offset: end, timestampMs: record.timestampMs ?? nowMs, ...copied(record) }
      return add(kept, state)
    },
    appendControl: () => add(null, 'hidden'),
    settle: (offsets, commit) => {
      for (const entry of entries) if (offsets.includes(entry.offset)) entry.state = commit ? 'visible' : 'hidden'
    },
    read,
    truncate: (to) => {
      cuts += 1
      entries = entries.filter(({ offset }) => offset < to)
      end = Math.min(end, to)
      start = Math.min(start, end)
    },
    expire: (to) => {
      start = Math.min(Math.max(start, to), end)
      entries = entries.filter(({ offset }) => offset >= start)
    },
  }
}

/** What was appended stays as it was, whatever its owner does with the bytes. */
const copied = ({ key, value, headers }: NewRecord) => ({
  key: copy(key),
  value: copy(value),
  headers: headers.map(([name, bytes]) => [name, copy(bytes)] as const),
})

const copy = (bytes: Uint8Array | null): Uint8Array | null => (bytes === null ? null : Buffer.from(bytes))

const sizeOf = ({ key, value }: LogRecord): number => 64 + (key?.length ?? 0) + (value?.length ?? 0)
