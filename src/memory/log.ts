/**
 * The log in memory, for property tests and simulation. It behaves like the log on Kafka and passes the same suite. In
 * addition to the port it can simulate a log's faults. Only `pause` uses a clock, so a simulation with a virtual clock
 * is deterministic.
 */

import { compareTopic } from '../../consumers/ports/compare-topic.ts'
import { oneDomain } from '../../consumers/ports/domains.ts'
import type {
  EnsuredTopic,
  Log,
  LogBatch,
  NewRecord,
  Position,
  TopicDescription,
  TopicSpec,
} from '../../consumers/ports/log.ts'
import { LogError } from '../../consumers/ports/log-error.ts'
import { type Pause, pause as realPause } from '../log/pause.ts'
import { type MemoryPartition, memoryPartition } from './log-partition.ts'
import { logReaders } from './log-readers.ts'

type MemoryTopic = {
  readonly settings: Map<string, string>
  /** Counts the topics that were ever created. */
  id: number
  partitions: readonly MemoryPartition[]
}

/** What Kafka sets where a topic says nothing. */
const DEFAULTS = new Map([
  ['cleanup.policy', 'delete'],
  ['retention.ms', '604800000'],
  ['retention.bytes', '-1'],
  ['message.timestamp.type', 'CreateTime'],
  ['max.message.bytes', '1048588'],
])

const BATCH_BYTES = 1024 * 1024

export type MemoryTransaction = {
  readonly append: (records: readonly NewRecord[]) => readonly Position[]
  readonly commit: () => void
  readonly abort: () => void
}

export type MemoryLog = Log & {
  /** Its records are seen after the commit; either end leaves a control record in every partition it wrote to. */
  readonly transaction: () => MemoryTransaction
  readonly truncate: (topic: string, partition: number, end: number) => void
  readonly expire: (topic: string, partition: number, start: number) => void
  /** The same name, partitions and settings, and nothing in it. */
  readonly recreate: (topic: string) => void
  /** Adds this many partitions; records in the existing ones stay. */
  readonly addPartitions: (topic: string, more: number) => Promise<void>
  readonly setSetting: (topic: string, name: string, value: string) => void
  /** While it is down, every call but `consume` and `close` rejects, and consumers get nothing. */
  readonly setDown: (down: boolean) => void
}

export const memoryLog = (options: { readonly pause?: Pause; readonly now?: () => number } = {}): MemoryLog => {
  const { pause = realPause, now = Date.now } = options
  const topics = new Map<string, MemoryTopic>()
  let down = false
  let created = 0
  let arrival = Promise.withResolvers<void>()

  const up = async (): Promise<void> => {
    if (down) throw new LogError('unavailable', 'the log is down')
  }

  const partitionOf = (topic: string, partition: number): MemoryPartition => {
    const found = topics.get(topic)?.partitions[partition]
    if (found === undefined) throw new LogError('unavailable', `no partition ${partition} of ${topic}`)
    return found
  }

  const readers = logReaders((topic) => ({
    partitions: () => topics.get(topic)?.partitions ?? [],
    batchBytes: BATCH_BYTES,
    isDown: () => down,
    pause,
    failed: () => {},
  }))

  const arrived = (): void => {
    arrival.resolve()
    arrival = Promise.withResolvers()
    readers.feed()
  }

  const refuseTooLarge = ({ topic, key, value }: NewRecord): void => {
    const bytes = (key?.length ?? 0) + (value?.length ?? 0)
    if (bytes > Number(topics.get(topic)?.settings.get('max.message.bytes') ?? Number.POSITIVE_INFINITY))
      throw new LogError('refused', `append: a record of ${bytes} bytes is too large for ${topic}`)
  }

  /** A topic may date its records itself, whatever their producer's clock says. */
  const dated = (record: NewRecord): NewRecord =>
    topics.get(record.topic)?.settings.get('message.timestamp.type') === 'LogAppendTime'
      ? { ...record, timestampMs: now() }
      : record

  const write = (records: readonly NewRecord[], state: 'visible' | 'pending'): readonly Position[] => {
    for (const record of records) refuseTooLarge(record)
    const places = records.map(({ topic, partition }) => partitionOf(topic, partition))
    const positions = records.map((record, index) => ({
      partition: record.partition,
      offset: places[index]!.append(dated(record), now(), state),
    }))
    arrived()
    return positions
  }

  const each =
    <T>(of: (partition: MemoryPartition) => T) =>
    async (topic: string, partitions: readonly number[]): Promise<ReadonlyMap<number, T>> => {
      await up()
      return new Map(partitions.map((partition) => [partition, of(partitionOf(topic, partition))]))
    }

  const read: Log['read'] = async (topic, partition, from, { maxBytes = 1024 * 1024, waitMs = 0 } = {}) => {
    const once = async (): Promise<LogBatch | null> => {
      await up()
      return partitionOf(topic, partition).read(from, maxBytes)
    }
    const enough = new AbortController()
    const over = waitMs > 0 ? pause(waitMs, enough.signal).then(() => enough.abort()) : enough.abort()
    for (;;) {
      const seen = arrival.promise
      const batch = await once()
      if (batch === null || batch.next > from || enough.signal.aborted) {
        enough.abort()
        return batch
      }
      await Promise.race([seen, over])
    }
  }

  const describe = (name: string): TopicDescription | null => {
    const topic = topics.get(name)
    return topic === undefined ? null : { name, partitions: topic.partitions.length, settings: topic.settings }
  }

  const ensure = async (spec: TopicSpec): Promise<EnsuredTopic> => {
    const found = describe(spec.name)
    if (found !== null) return compareTopic(spec, found)
    created += 1
    const partitions = Array.from({ length: spec.partitions }, (_, partition) => memoryPartition(partition, created))
    topics.set(spec.name, { settings: new Map([...DEFAULTS, ...spec.settings]), id: created, partitions })
    await readers.rebalance(spec.name)
    return { kind: 'created' }
  }

  const transaction = (): MemoryTransaction => {
    const written: { readonly record: NewRecord; readonly offset: number }[] = []
    const end = (commit: boolean): void => {
      for (const ofOne of Map.groupBy(written, ({ record }) => partitionOf(record.topic, record.partition))) {
        const [partition, entries] = ofOne
        partition.settle(
          entries.map(({ offset }) => offset),
          commit,
        )
        partition.appendControl()
      }
      arrived()
    }
    return {
      append: (records) => {
        const positions = write(records, 'pending')
        for (const [index, record] of records.entries()) written.push({ record, offset: positions[index]!.offset })
        return positions
      },
      commit: () => end(true),
      abort: () => end(false),
    }
  }

  return {
    describe: async (name) => {
      await up()
      return describe(name)
    },
    ensureTopics: async (specs) => {
      await up()
      const outcomes: EnsuredTopic[] = []
      for (const spec of specs) outcomes.push(await ensure(spec))
      return outcomes
    },
    endOffsets: each((partition) => partition.end()),
    ends: async (topic, partitions) => {
      const ends = await each((partition) => ({ next: partition.end(), identity: partition.identity() }))(
        topic,
        partitions,
      )
      const count = topics.get(topic)?.partitions.length ?? 0
      return new Map(Array.from(ends, ([partition, end]) => [partition, { ...end, partitions: count }]))
    },
    domains: oneDomain(),
    startOffsets: each((partition) => partition.start()),
    read,
    append: async (records) => {
      await up()
      return write(records, 'visible')
    },
    consume: readers.consume,
    follow: readers.follow,
    close: readers.stop,
    transaction,
    truncate: (topic, partition, end) => {
      partitionOf(topic, partition).truncate(end)
      readers.recheck(topic)
      arrived()
    },
    expire: (topic, partition, start) => {
      partitionOf(topic, partition).expire(start)
      arrived()
    },
    recreate: (topic) => {
      const found = topics.get(topic)
      created += 1
      if (found !== undefined) {
        found.id = created
        found.partitions = found.partitions.map((_, index) => memoryPartition(index, created))
      }
      readers.recheck(topic)
      arrived()
    },
    addPartitions: async (topic, more) => {
      const found = topics.get(topic)
      if (found === undefined) return
      const { id, partitions } = found
      const added = Array.from({ length: more }, (_, index) => memoryPartition(partitions.length + index, id))
      found.partitions = [...partitions, ...added]
      await readers.rebalance(topic)
    },
    setSetting: (topic, name, value) => void topics.get(topic)?.settings.set(name, value),
    setDown: (isDown) => {
      down = isDown
      arrived()
    },
  }
}
