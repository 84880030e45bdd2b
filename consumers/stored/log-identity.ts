import { type Log, type LogEnd, topicOf } from '../ports/log.ts'
import { type CheckpointMetadata, fingerprintOf } from './checkpoint-metadata.ts'

/**
 * Whether the log goes on where the projection stopped. `broken`: it was recreated or truncated, or records that were
 * never applied are gone. Nothing is skipped then: the partition stops until it is rebuilt. `end`: where the log ended
 * when it was asked; under another incarnation of the same topic, it was found to say the same still.
 */
export type LogIdentity =
  | { readonly kind: 'same'; readonly end: LogEnd }
  | { readonly kind: 'broken'; readonly why: string }

/** The topic as it is configured. */
export type TopicShape = { readonly topic: string; readonly partitions: number }

export const checkIdentity = async (
  log: Pick<Log, 'ends' | 'startOffsets' | 'read'>,
  { topic, partitions }: TopicShape,
  partition: number,
  next: number,
  { identity, last }: Pick<CheckpointMetadata, 'identity' | 'last'>,
): Promise<LogIdentity> => {
  const [starts, ends] = await Promise.all([log.startOffsets(topic, [partition]), log.ends(topic, [partition])])
  const [start, end] = [starts.get(partition), ends.get(partition)]
  if (start === undefined || end === undefined)
    throw new Error(`the log does not tell the offsets of partition ${partition}`)
  if (topicOf(end.identity) !== topicOf(identity)) return broken('the topic was deleted and created anew')
  if (end.partitions !== partitions) return broken(countProblem(end.partitions, partitions))
  if (end.next < next) return broken(`it ends at ${end.next}, but ${next} was reached: truncated`)
  if (start > next)
    return broken(`it begins at ${start}, but ${next} is next: records are gone that were never applied`)
  return (await goesOn(log, topic, partition, { start, next, last, identity: end.identity })) ?? { kind: 'same', end }
}

type Applied = Pick<CheckpointMetadata, 'last' | 'identity'> & { readonly start: number; readonly next: number }

/**
 * Up to `next` the log must say what was applied: the last record, and behind it nothing but what is never seen (control
 * records, aborted ones); others may have been written in the place of those. What was applied may expire without harm:
 * then there is nothing left to compare. `null`: it goes on.
 */
const goesOn = async (
  log: Pick<Log, 'read'>,
  topic: string,
  partition: number,
  { start, next, last, identity }: Applied,
): Promise<LogIdentity | null> => {
  const compared = last !== null && last.offset >= start ? last : null
  for (let from = compared?.offset ?? start; from < next; ) {
    const read = await log.read(topic, partition, from, { maxBytes: 1, waitMs: 500 })
    if (read === null) return broken(`it cannot be read at ${from}: truncated`)
    if (read.next === from) throw new Error(`partition ${partition} cannot be read at ${from} yet`)
    if (read.identity !== identity) throw new Error('the log has changed while it was looked at')
    for (const record of read.records) {
      if (record.offset >= next) break
      if (record.offset !== compared?.offset || fingerprintOf(record) !== compared.fingerprint)
        return broken(`it says something else at ${record.offset}: truncated, and written to again`)
    }
    if (from === compared?.offset && read.records[0]?.offset !== from)
      return broken(`it no longer holds the record at ${from}: truncated`)
    from = read.next
  }
  return null
}

/** A different number moves students: their next events may be on partitions that are not read. */
export const countProblem = (found: number, configured: number): string =>
  `the topic has ${found} partitions, and topic.partitions says ${configured}`

const broken = (why: string): LogIdentity => ({ kind: 'broken', why })
