/**
 * The log on a SQLite file, for one process and its commands. Reads are short and synchronous and run in this thread.
 * The caller's `LogWriter` makes writes durable before it replies. SQLite's change counter shows writes of other
 * processes; one check takes 2 µs.
 *
 * | state    | event                            | next state                          |
 * |----------|----------------------------------|-------------------------------------|
 * | passive  | the first waiting read or reader | checking every `CHECK_MS`           |
 * | checking | another change counter           | checking: all readers are fed       |
 * | checking | the file cannot be read          | checking; `silentMs` grows          |
 * | any      | `close`                          | closed: reads and checks end        |
 */

import type { DatabaseSync } from 'node:sqlite'
import { oneDomain } from '../../../consumers/ports/domains.ts'
import type { Log, LogBatch, NewRecord, TopicSpec } from '../../../consumers/ports/log.ts'
import { LogError } from '../../../consumers/ports/log-error.ts'
import type { LocalDeps } from '../../log/feed-queue.ts'
import { type LocalReaders, localFollower } from '../../log/local-follower.ts'
import { type LocalGroup, localGroup } from '../../log/local-group.ts'
import { pause } from '../../log/pause.ts'
import { type LogReads, logReads, type PartitionSpan, RECORD_BYTES, type SqliteTopic } from './reads.ts'
import { type TurnAllowance, turnAllowance } from './turn-allowance.ts'
import type { AppendOutcome, LogWrites } from './writes.ts'

/** Writes and syncs; rejects with a `LogError` where the write is not durable in time. */
export type LogWriter = {
  readonly append: (records: readonly NewRecord[]) => Promise<AppendOutcome>
  readonly ensureTopics: (specs: readonly TopicSpec[]) => Promise<ReturnType<LogWrites['ensureTopics']>>
}

/** Small enough not to delay a pull, large enough to fold a backlog in few writes. */
const BATCH_BYTES = 128 * 1024
/**
 * Bytes that all groups may read in one turn of the event loop, about 3 ms. Without the limit a backlog of all
 * partitions took 300 ms.
 */
const TURN_BYTES = BATCH_BYTES
/** Longest time in milliseconds that a record of another process stays unnoticed; a request for the end checks too. */
const CHECK_MS = 10

/** A continuous reader of a topic: a group or a follower. */
type Subscriber<T extends LocalReaders> = { readonly topicName: string; readonly readers: T; topic: SqliteTopic | null }

/** Receives errors that are retried; each is a `LogError` or the handler's own error. */
export type LogLogger = { readonly warn: (fields: object, message: string) => void }

export const sqliteLog = (db: DatabaseSync, writer: LogWriter, logger: LogLogger = { warn: () => {} }): Log => {
  const reads = logReads(db)
  const groups = new Map<string, Subscriber<LocalGroup>>()
  const followers = new Set<Subscriber<LocalReaders>>()
  const subscribers = (): readonly Subscriber<LocalReaders>[] => [...groups.values(), ...followers]
  let arrival = Promise.withResolvers<void>()
  let checkTimer: NodeJS.Timeout | null = null
  let lastVersion = -1
  let lastCheckMs = performance.now()
  let closed = false

  const known = (name: string): SqliteTopic => {
    const topic = asked(() => reads.topic(name))
    if (topic === null) throw new LogError('unavailable', `no topic ${name}`)
    return topic
  }

  const keepUp = (one: Subscriber<LocalReaders>): void => {
    const before = one.topic
    one.topic = reads.topic(one.topicName)
    if (before !== null && before.id !== one.topic?.id) one.readers.recheck()
    if (before?.description.partitions !== one.topic?.description.partitions) void one.readers.rebalance()
    else one.readers.feed()
  }

  const arrived = (): void => {
    arrival.resolve()
    arrival = Promise.withResolvers()
    subscribers().forEach(keepUp)
  }

  const checkForWrites = (): void => {
    if (closed) return
    try {
      const version = reads.version()
      if (version !== lastVersion) arrived()
      lastVersion = version
      lastCheckMs = performance.now()
    } catch {
      lastVersion = -1 // the file cannot be read: `silentMs` reports it, and the next check tries again
    }
  }

  const keepChecking = (): void => {
    if (closed) throw new LogError('refused', 'the log is closed')
    checkTimer ??= setInterval(checkForWrites, CHECK_MS).unref()
  }

  const each =
    <T>(of: (span: PartitionSpan, topic: SqliteTopic) => T) =>
    async (name: string, partitions: readonly number[]): Promise<ReadonlyMap<number, T>> => {
      const topic = known(name)
      const spans = asked(() => reads.spans(topic.id))
      if (checkTimer !== null) checkForWrites()
      return new Map(
        partitions.map((partition) => {
          const span = spans.get(partition)
          if (span === undefined) throw new LogError('unavailable', `no partition ${partition} of ${name}`)
          return [partition, of(span, topic)]
        }),
      )
    }

  const read: Log['read'] = async (name, partition, from, { maxBytes = 1024 * 1024, waitMs = 0 } = {}) => {
    const enough = new AbortController()
    const over = waitMs > 0 ? pause(waitMs, enough.signal).then(() => enough.abort()) : enough.abort()
    if (waitMs > 0) keepChecking()
    for (;;) {
      const seen = arrival.promise
      const batch = asked(() => reads.read(known(name), partition, from, maxBytes))
      if (batch === null || batch.next > from || enough.signal.aborted) {
        enough.abort()
        return batch
      }
      await Promise.race([seen, over])
    }
  }

  const append: Log['append'] = async (records) => {
    if (records.length === 0) return []
    const outcome = await writer.append(records)
    if (outcome.kind !== 'appended') throw new LogError(outcome.kind, outcome.why)
    checkForWrites()
    return outcome.positions
  }

  const allowance = turnAllowance(TURN_BYTES, () => {
    for (const { readers } of subscribers()) readers.feed()
  })

  /** @param turnOf the number under which a partition takes its turn; a follower's number differs from the group's */
  const depsOf = (topicName: string, topic: () => SqliteTopic | null, turnOf: TurnOf): LocalDeps => ({
    partitions: () => sources(reads, topic(), allowance, turnOf, () => (lastVersion = -1)),
    batchBytes: BATCH_BYTES,
    isDown: () => closed,
    pause,
    failed: (partition, what, error) =>
      logger.warn({ topic: topicName, partition, err: error }, `${what} was not taken; trying again`),
  })

  const join = (topicName: string): Subscriber<LocalGroup> => {
    const deps = depsOf(
      topicName,
      () => member.topic,
      (partition) => partition,
    )
    const member: Subscriber<LocalGroup> = { topicName, readers: localGroup(deps), topic: reads.topic(topicName) }
    return member
  }

  const follow: Log['follow'] = (topicName, handler) => {
    keepChecking()
    const deps = depsOf(
      topicName,
      () => member.topic,
      (partition) => -1 - partition,
    )
    const { follower, readers } = localFollower(deps, handler)
    const member: Subscriber<LocalReaders> = { topicName, readers, topic: asked(() => reads.topic(topicName)) }
    followers.add(member)
    const stop = async (): Promise<void> => {
      followers.delete(member)
      await follower.stop()
    }
    return { ...follower, stop }
  }

  return {
    describe: async (name) => asked(() => reads.topic(name))?.description ?? null,
    ensureTopics: async (specs) => {
      const outcomes = await writer.ensureTopics(specs)
      checkForWrites()
      return outcomes
    },
    endOffsets: each(({ end }) => end),
    // A topic that was deleted in between has no spans, so the identity belongs to the log that reported its end.
    ends: each(({ end }, { identity, description: { partitions } }) => ({ next: end, identity, partitions })),
    domains: oneDomain(),
    startOffsets: each(({ start }) => start),
    read,
    append,
    consume: async (topic, name, handler) => {
      keepChecking()
      const key = `${topic}\n${name}`
      const member = groups.get(key) ?? asked(() => join(topic))
      groups.set(key, member)
      const consumer = await member.readers.join(handler)
      return { ...consumer, silentMs: () => performance.now() - lastCheckMs }
    },
    follow,
    close: async () => {
      for (const { readers } of subscribers()) await readers.stop()
      closed = true
      if (checkTimer !== null) clearInterval(checkTimer)
      arrival.resolve()
    },
  }
}

type TurnOf = (partition: number) => number

/** Bound to the topic's own number, so that no reader reads a topic that was created again under the same name. */
const sources = (
  reads: LogReads,
  topic: SqliteTopic | null,
  allowance: TurnAllowance,
  turnOf: TurnOf,
  failed: () => void,
) =>
  Array.from({ length: topic?.description.partitions ?? 0 }, (_, partition) => ({
    read: (from: number, maxBytes: number): LogBatch | null => {
      const nothing = { partition, from, records: [], next: from, identity: topic!.identity }
      if (!allowance.isLeft(turnOf(partition))) return nothing
      try {
        const batch = reads.read(topic!, partition, from, maxBytes)
        allowance.spend(turnOf(partition), batch === null ? 0 : bytesOf(batch))
        return batch
      } catch {
        failed()
        return nothing
      }
    },
  }))

const bytesOf = ({ records }: LogBatch): number =>
  records.reduce((sum, { key, value }) => sum + RECORD_BYTES + (key?.length ?? 0) + (value?.length ?? 0), 0)

/** SQLite's messages name tables and files, never stored data. */
const asked = <T>(read: () => T): T => {
  try {
    return read()
  } catch (error) {
    if (error instanceof LogError) throw error
    const why = error instanceof Error ? error.message : String(error)
    throw new LogError('unavailable', `the file cannot be read: ${why}`, { cause: error })
  }
}
