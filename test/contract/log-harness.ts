import type { ConsumerHandler, Header, Log, LogBatch, LogRecord, NewRecord } from '../../consumers/ports/log.ts'

/** A log under test, and what a test needs of it beyond the port. */
export type LogHarness = {
  readonly log: Log
  /** Another client of the same log. */
  readonly another: Log
  readonly newTopic: (partitions: number) => Promise<string>
  readonly transaction: () => Promise<Transaction>
  /** Loses all records before `start`. */
  readonly expire: (topic: string, partition: number, start: number) => Promise<void>
  /** Deletes the topic and creates it anew with as many partitions. */
  readonly recreate: (topic: string, partitions: number) => Promise<void>
  /** Adds partitions to a topic, up to this many. */
  readonly grow: (topic: string, partitions: number) => Promise<void>
  readonly close: () => Promise<void>
}

export type Transaction = {
  readonly append: (records: readonly NewRecord[]) => Promise<unknown>
  readonly commit: () => Promise<void>
  readonly abort: () => Promise<void>
}

let names = 0
export const newName = (kind: string): string => `${kind}-${process.pid}-${Date.now()}-${names++}`

export const record = (topic: string, partition: number, text: string, headers: readonly Header[] = []): NewRecord => ({
  topic,
  partition,
  key: Buffer.from('key'),
  value: Buffer.from(text),
  headers,
})

export const texts = (records: readonly LogRecord[]): readonly string[] =>
  records.map(({ value }) => (value === null ? '<null>' : Buffer.from(value).toString()))

/** A handler that starts where it is told, keeps what it sees, and lets a test interfere. */
export type Collector = ConsumerHandler & {
  readonly batches: LogBatch[]
  readonly assignments: number[]
  readonly owned: ReadonlySet<number>
  readonly texts: (partition?: number) => readonly string[]
  readonly next: (partition: number) => number
}

export const collector = (overrides: Partial<ConsumerHandler> = {}): Collector => {
  const batches: LogBatch[] = []
  const assignments: number[] = []
  const owned = new Set<number>()
  const next = (partition: number) => batches.findLast((batch) => batch.partition === partition)?.next ?? 0
  return {
    batches,
    assignments,
    owned,
    next,
    texts: (partition) =>
      texts(
        batches.filter((batch) => partition === undefined || batch.partition === partition).flatMap((b) => b.records),
      ),
    assigned: async (partition) => {
      assignments.push(partition)
      owned.add(partition)
      return overrides.assigned ? overrides.assigned(partition) : next(partition)
    },
    revoked: (partition) => {
      owned.delete(partition)
      overrides.revoked?.(partition)
    },
    batch: async (batch) => {
      const verdict = (await overrides.batch?.(batch)) ?? { kind: 'next' }
      batches.push(batch)
      return verdict
    },
  }
}

/** Runs a test's body with a consumer that is stopped in any case. */
export const consuming = async (
  log: Log,
  topic: string,
  group: string,
  handler: ConsumerHandler,
  body: (consumer: Awaited<ReturnType<Log['consume']>>) => Promise<void>,
): Promise<void> => {
  const consumer = await log.consume(topic, group, handler)
  try {
    await body(consumer)
  } finally {
    await consumer.stop()
  }
}
