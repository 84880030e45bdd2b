import { LogError } from '../log-error.ts'
import type { Link } from './link.ts'
import { CODE, isMoved, PartitionMoved } from './protocol-errors.ts'
import { type ListedOffset, listOffsetsRequest, OFFSET_AT } from './wire-offsets.ts'

export type OffsetLookup = (topic: string, partitions: readonly number[]) => Promise<ReadonlyMap<number, number>>

/**
 * One ListOffsets per leading broker (kafkajs's admin call asks twice, and for all partitions), with a short deadline:
 * pulls wait for it.
 */
export const offsetLookups = (link: Link, deadlineMs: number): { end: OffsetLookup; start: OffsetLookup } => {
  const lookup =
    (what: string, timestamp: number): OffsetLookup =>
    (topic, partitions) =>
      link.run(what, deadlineMs, async () => {
        const leaders = await link.leaders(topic, partitions)
        const answers = [...leaders].map(([broker, led]) =>
          broker.connectionPool.send(listOffsetsRequest(topic, led, timestamp)),
        )
        const listed = (await Promise.all(answers)).flat()
        return new Map(listed.map((answer) => [answer.partition, offsetOf(topic, answer)]))
      })
  return { end: lookup('end offsets', OFFSET_AT.end), start: lookup('start offsets', OFFSET_AT.start) }
}

const offsetOf = (topic: string, { code, offset }: ListedOffset): number => {
  if (isMoved(code)) throw new PartitionMoved(topic, code)
  if (code !== CODE.none) throw new LogError('refused', `offsets of ${topic}: Kafka error ${code}`)
  if (!Number.isSafeInteger(offset)) throw new LogError('refused', `an offset of ${topic} is beyond 2^53 − 1`)
  return offset
}
