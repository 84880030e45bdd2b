import type { Log, LogRecord } from '../../consumers/ports/log.ts'
import { partitionOf } from '../../consumers/ports/partition.ts'
import { foldStudent, type StudentRecord } from '../../consumers/projector/fold-student.ts'
import { sortBatch } from '../../consumers/projector/sort-batch.ts'
import { originalsIn } from '../../consumers/rerouting/originals.ts'
import { newMetadata, signatureOf } from '../../consumers/stored/checkpoint-metadata.ts'
import type { Rendering } from '../../projections/answers/view.ts'
import type { Policy } from '../../projections/fees/policy.ts'
import { calendarOf } from '../../projections/values/calendar.ts'
import type { StudentId } from '../../projections/values/ids.ts'

/** What the whole log folds to in memory, record by record in one go: the truth that a projection must equal byte for byte. */
export const foldLog = async (log: Log, topic: string, partitions: number, policy: Policy, timezone: string) => {
  const rendering: Rendering = { policy, calendar: calendarOf(timezone) }
  const records = new Map<StudentId, Buffer>()
  const home = (id: StudentId): number => partitionOf(id, partitions)
  const numbers = Array.from({ length: partitions }, (_, partition) => partition)
  const parts = await Promise.all(numbers.map((partition) => readAll(log, topic, partition)))
  const originals = originalsIn(parts.flat(), home)
  const { identity } = (await log.ends(topic, [0])).get(0)!
  const metadata = newMetadata(signatureOf(policy, timezone, topic, partitions), identity)
  for (const all of parts) {
    const plan = sortBatch(all, metadata, topic, home, originals)
    for (const [identifier, items] of plan.shares) records.set(identifier, foldOneByOne(identifier, items, rendering))
  }
  return records
}

export const readAll = async (log: Log, topic: string, partition: number): Promise<readonly LogRecord[]> => {
  const end = (await log.endOffsets(topic, [partition])).get(partition)!
  const records: LogRecord[] = []
  for (let from = 0; from < end; ) {
    const batch = await log.read(topic, partition, from, { waitMs: 1000 })
    if (!batch || batch.next === from) throw new Error(`the log cannot be read at ${partition}:${from}`)
    records.push(...batch.records)
    from = batch.next
  }
  return records
}

const foldOneByOne = (identifier: StudentId, items: readonly StudentRecord[], rendering: Rendering): Buffer => {
  let stored: Buffer | null = null
  for (const item of items) stored = foldStudent({ identifier, items: [item] }, stored, rendering).record
  return stored!
}
