import { hash } from 'node:crypto'
import type { StudentId } from '../../projections/values/ids.ts'
import { decode } from '../events/decode.ts'
import type { Log, LogRecord, Position } from '../ports/log.ts'

/** A misrouted record: whose it is, and a digest of its value, which its copy repeats. */
export type Original = { readonly student: StudentId; readonly digest: string }

/** The misrouted record at a place of the log, by `originalKey`; `null`: none lies there. What was not read is missing. */
export type Originals = ReadonlyMap<string, Original | null>

export const NO_ORIGINALS: Originals = new Map()

export const originalKey = ({ partition, offset }: Position): string => `${partition}/${offset}`

export const digestOf = ({ value }: Pick<LogRecord, 'value'>): string => hash('sha1', value ?? '', 'base64')

export type ReadOriginal = (at: Position) => Promise<Original | null>

type PartitionOf = (identifier: StudentId) => number

/** `null` for a record on its own partition, or without a student. */
const originalOf = (record: LogRecord, partitionOf: PartitionOf): Original | null => {
  const decoded = decode(record)
  if (decoded.kind !== 'student' || partitionOf(decoded.identifier) === record.partition) return null
  return { student: decoded.identifier, digest: digestOf(record) }
}

/** All of them in these records. */
export const originalsIn = (records: Iterable<LogRecord>, partitionOf: PartitionOf): Originals => {
  const originals = new Map<string, Original | null>()
  for (const record of records) {
    const original = originalOf(record, partitionOf)
    if (original !== null) originals.set(originalKey(record), original)
  }
  return originals
}

const READ_BYTES = 256 * 1024

/**
 * Reads originals in the log. Copies lie in the order of their originals, so the stretch that was read for one is kept
 * for the next.
 */
export const originalReader = (
  log: Pick<Log, 'read'>,
  { topic, partitions }: { readonly topic: string; readonly partitions: number },
  partitionOf: PartitionOf,
): ReadOriginal => {
  type Stretch = { readonly from: number; readonly next: number; readonly originals: ReadonlyMap<number, Original> }
  const stretches = new Map<number, Stretch>()
  return async ({ partition, offset }) => {
    if (partition >= partitions) return null
    const known = stretches.get(partition)
    if (known && known.from <= offset && offset < known.next) return known.originals.get(offset) ?? null
    const batch = await log.read(topic, partition, offset, { maxBytes: READ_BYTES })
    // The original has expired or is beyond the end: no visible record was there.
    if (batch === null || batch.next === offset) return null
    const originals = new Map<number, Original>()
    for (const record of batch.records) {
      const original = originalOf(record, partitionOf)
      if (original !== null) originals.set(record.offset, original)
    }
    stretches.set(partition, { from: offset, next: batch.next, originals })
    return originals.get(offset) ?? null
  }
}
