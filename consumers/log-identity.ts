import { fingerprintOf, type Tail } from './checkpoint.ts'
import { type Log, type LogEnd, topicOf } from './log.ts'

/**
 * Whether the log goes on where the projection stopped. `broken`: it was recreated or truncated, or records that were
 * never applied are gone. Nothing is skipped then: the partition stops until it is rebuilt. `end`: where the log ended
 * when it was asked; under another incarnation of the same topic, it was found to say the same still.
 */
export type LogIdentity =
  | { readonly kind: 'same'; readonly end: LogEnd }
  | { readonly kind: 'broken'; readonly why: string }

export const checkIdentity = async (
  log: Pick<Log, 'ends' | 'startOffsets' | 'read'>,
  topic: string,
  partition: number,
  next: number,
  { identity, last }: Pick<Tail, 'identity' | 'last'>,
): Promise<LogIdentity> => {
  const [starts, ends] = await Promise.all([log.startOffsets(topic, [partition]), log.ends(topic, [partition])])
  const [start, end] = [starts.get(partition), ends.get(partition)]
  if (start === undefined || end === undefined)
    throw new Error(`the log does not tell the offsets of partition ${partition}`)
  if (topicOf(end.identity) !== topicOf(identity)) return broken('the topic was deleted and created anew')
  if (end.next < next) return broken(`it ends at ${end.next}, but ${next} was reached: truncated`)
  if (start > next)
    return broken(`it begins at ${start}, but ${next} is next: records are gone that were never applied`)
  // Records that were applied may expire without harm; then there is nothing left to compare.
  if (last === null || last.offset < start) return { kind: 'same', end }
  const read = await log.read(topic, partition, last.offset, { maxBytes: 1, waitMs: 500 })
  if (read !== null && read.identity !== end.identity) throw new Error('the log has changed while it was looked at')
  const record = read?.records[0]
  if (record?.offset !== last.offset) return broken(`it no longer holds the record at ${last.offset}: truncated`)
  return fingerprintOf(record) === last.fingerprint
    ? { kind: 'same', end }
    : broken(`it says something else at ${last.offset}: truncated, and written to again`)
}

const broken = (why: string): LogIdentity => ({ kind: 'broken', why })
