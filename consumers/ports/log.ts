/**
 * The log port: partitions, offsets, records, end offsets, positions; nothing of any Kafka client leaks through it.
 * Adapters: Kafka (src/kafka/), SQLite (src/sqlite/log/) and memory (src/memory/log.ts); all pass
 * test/contract/log.
 *
 * Offsets are JavaScript numbers; an adapter that meets one beyond 2^53 − 1 throws. Every call settles within a bounded
 * time and rejects with a `LogError` (consumers/ports/log-error.ts); a call after the log is back works again by itself.
 */

import type { Domains } from './domains.ts'

/** A header's value may be null, which is not the same as empty. */
export type Header = readonly [name: string, value: Uint8Array | null]

export type LogRecord = {
  readonly partition: number
  readonly offset: number
  /** Unix milliseconds, as stored in the record. */
  readonly timestampMs: number
  readonly key: Uint8Array | null
  /** `null` is a tombstone. */
  readonly value: Uint8Array | null
  /** In the record's order; a name may repeat. */
  readonly headers: readonly Header[]
}

/**
 * Committed records of one partition, in order. Control records and aborted records are omitted, but `next` is beyond
 * them.
 */
export type LogBatch = {
  readonly partition: number
  /** The offset that was asked for. */
  readonly from: number
  readonly records: readonly LogRecord[]
  /** The offset to go on from: past the last record, control record or aborted record that this batch covers. */
  readonly next: number
  /** The identity of the log that was read: the one in `Log.ends`, or that of a former log. */
  readonly identity: string
  /** The log's end at the time of the read, including open transactions; absent: unknown. */
  readonly end?: number
}

export type NewRecord = {
  readonly topic: string
  readonly partition: number
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  readonly headers: readonly Header[]
  /** Unix milliseconds; absent: now. */
  readonly timestampMs?: number
}

export type Position = { readonly partition: number; readonly offset: number }

export type TopicDescription = {
  readonly name: string
  readonly partitions: number
  /**
   * `cleanup.policy`, `retention.ms`, `retention.bytes`, `message.timestamp.type`, `max.message.bytes`; of a replicated log
   * also `min.insync.replicas` and `unclean.leader.election.enable`.
   */
  readonly settings: ReadonlyMap<string, string>
  /** How many brokers keep each partition, of how many there are; absent where nothing is replicated. */
  readonly copies?: { readonly replicas: number; readonly brokers: number }
}

/**
 * The consumer's next step after a batch: continue after it, go to another offset (a rewind or a different start), or
 * pause the partition until it is assigned again (its log is broken).
 */
export type BatchResult =
  | { readonly kind: 'next' }
  | { readonly kind: 'seek'; readonly to: number }
  | { readonly kind: 'park' }

export type ConsumerHandler = {
  /**
   * A partition was assigned, or its offset is out of range. Resolves to the offset to continue from, or `null` to park
   * it. Repeated after a pause on rejection. No batch of this partition is being handled meanwhile.
   */
  readonly assigned: (partition: number) => Promise<number | null>
  /** The partition is no longer ours: taken away, or given up by `stop`. Its last batch may still be in hand. */
  readonly revoked: (partition: number) => void
  /**
   * One batch, which begins where the last one ended or the last answer pointed; never out of place. Batches of one
   * partition come one at a time, of different partitions side by side: a slow one does not hold up the others. A batch
   * without records moves `next` past control records and aborted ones. A rejection makes the adapter deliver the same
   * batch again after a pause. Committing `next` to the group, best effort and for lag tools only, is the adapter's affair.
   * The records' bytes are views of what came in: copy what is kept.
   */
  readonly batch: (batch: LogBatch) => Promise<BatchResult>
}

/** A supervised group membership: it never ends by itself; lost connections, memberships and dead loops are replaced. */
export type Consumer = {
  /** Milliseconds since the last sign of life (fetch or heartbeat). */
  readonly silentMs: () => number
  /**
   * Asks `assigned` again for an assigned partition after its current batch, and continues from the answer. For changes
   * that the handler detects outside its batches; other partitions are ignored.
   */
  readonly recheck: (partition: number) => void
  /** Waits a bounded time for the batches in hand, then leaves the group. */
  readonly stop: () => Promise<void>
}

/** Reads partitions by name, outside any group: nothing is committed, and no rebalance removes them. */
export type Follower = {
  /** From the offset that the handler's `assigned` tells; one that is followed already goes on as it is. */
  readonly follow: (partition: number) => void
  /** Its last batch may still be in hand. */
  readonly leave: (partition: number) => void
  /** Leaves all of them, and waits a bounded time for the batches in hand. */
  readonly stop: () => Promise<void>
}

/** As a consumer's handler; a partition that it parks stays so until it is left and followed again. */
export type FollowHandler = Pick<ConsumerHandler, 'assigned' | 'batch'>

/** What a topic must be like; `settings` that are not named are not looked at. */
export type TopicSpec = {
  readonly name: string
  readonly partitions: number
  readonly settings: ReadonlyMap<string, string>
}

export type TopicMismatch = { readonly what: string; readonly wanted: string; readonly found: string }

/** `mismatch`: it exists otherwise, and was left as it is. */
export type EnsuredTopic =
  | { readonly kind: 'created' }
  | { readonly kind: 'exists' }
  | { readonly kind: 'mismatch'; readonly differences: readonly TopicMismatch[] }

export type TopicAdmin = {
  /** `null` where there is no such topic. */
  readonly describe: (topic: string) => Promise<TopicDescription | null>
  /** Creates what is missing, with the cluster's default replication; never changes what exists. Same order as given. */
  readonly ensureTopics: (specs: readonly TopicSpec[]) => Promise<readonly EnsuredTopic[]>
}

/**
 * A partition's end, including open transactions, and the log's identity. Two ends with one identity belong to the same
 * log, with nothing lost in between. A new identity requires a check: the topic was recreated (then `topicOf` differs),
 * or an election may have truncated the end.
 */
export type LogEnd = {
  readonly next: number
  readonly identity: string
  /** How many partitions the topic has: a student's next event may lie on any of them. */
  readonly partitions: number
}

/**
 * `<topic>.<incarnation>`: the first part stands for one topic from its creation to its deletion and is never used
 * again; the second changes whenever records may have been lost. An adapter whose log can lose none needs no other than 0.
 */
export const topicOf = (identity: string): string => identity.slice(0, identity.lastIndexOf('.'))

export type Log = TopicAdmin & {
  /** High watermarks: the offset after the last acknowledged record, behind open transactions too. */
  readonly endOffsets: (topic: string, partitions: readonly number[]) => Promise<ReadonlyMap<number, number>>
  /**
   * The same with the log's identity and its number of partitions, which are read no earlier than the offset: a log that
   * took the place of another before this call never shows the other's name. A partition whose leader does not answer
   * in time is left out; rejects where none does.
   */
  readonly ends: (topic: string, partitions: readonly number[]) => Promise<ReadonlyMap<number, LogEnd>>
  /**
   * The partitions by the server that answers for them, as far as is known without asking: one look-up of one list waits
   * for no other server. The same arrays as long as that holds.
   */
  readonly domains: (topic: string, partitions: readonly number[]) => Domains
  /** The first offsets that still exist. */
  readonly startOffsets: (topic: string, partitions: readonly number[]) => Promise<ReadonlyMap<number, number>>
  /**
   * Committed records from an offset on, at most `maxBytes` or so, waiting at most `waitMs` for the first; an empty batch
   * with `next === from` where nothing is there. `null`: the offset is out of the log's range.
   */
  readonly read: (
    topic: string,
    partition: number,
    from: number,
    options?: { readonly maxBytes?: number; readonly waitMs?: number },
  ) => Promise<LogBatch | null>
  /**
   * Idempotent, acks=all; resolves when all are acknowledged, to their positions in the order given. Records of one call
   * lie in their partition in the order given.
   */
  readonly append: (records: readonly NewRecord[]) => Promise<readonly Position[]>
  readonly consume: (topic: string, group: string, handler: ConsumerHandler) => Promise<Consumer>
  readonly follow: (topic: string, handler: FollowHandler) => Follower
  /** The servers' clock now, in Unix milliseconds; `null` where they do not tell it. Absent: it is this process's own. */
  readonly clock?: () => Promise<number | null>
  readonly close: () => Promise<void>
}
