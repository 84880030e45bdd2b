import type { LogEnd } from '../../consumers/ports/log.ts'
import { LogError } from '../../consumers/ports/log-error.ts'
import type { BrokerConnections } from './broker-connections.ts'
import { sendTogether } from './protocol/kafkajs-internals.ts'
import { type ListedOffset, listOffsetsRequest, OFFSET_AT } from './protocol/list-offsets.ts'
import { identityOf, topicShapeRequest } from './protocol/metadata.ts'
import { CODE, isMoved, PartitionMoved } from './protocol/protocol-errors.ts'

export type OffsetLookup = (topic: string, partitions: readonly number[]) => Promise<ReadonlyMap<number, number>>

export type OffsetLookups = {
  readonly end: OffsetLookup
  readonly start: OffsetLookup
  readonly ends: (topic: string, partitions: readonly number[]) => Promise<ReadonlyMap<number, LogEnd>>
}

type EndRequests = {
  readonly ending: ReturnType<typeof listOffsetsRequest>
  readonly naming: ReturnType<typeof topicShapeRequest>
}

/**
 * One ListOffsets per leading broker (kafkajs's admin call asks twice, and for all partitions), with a short deadline:
 * pulls wait for it.
 */
export const offsetLookups = (link: BrokerConnections, deadlineMs: number): OffsetLookups => {
  /** By the list of what a broker leads, which is of one topic and one state of its metadata: pulls ask the same all the time. */
  const written = new WeakMap<readonly number[], EndRequests>()
  const requestsOf = (topic: string, led: readonly number[]): EndRequests => {
    const known = written.get(led)
    if (known !== undefined) return known
    const requests = { ending: listOffsetsRequest(topic, led, OFFSET_AT.end), naming: topicShapeRequest(topic) }
    written.set(led, requests)
    return requests
  }

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

  /**
   * Both requests go out on one connection, whose broker answers them in turn, and a broker knows of a new topic before it
   * leads any of its partitions. So the id is that of the log that told its end, or of a younger one.
   */
  const ends: OffsetLookups['ends'] = (topic, asked) =>
    link.run('ends', deadlineMs, async () => {
      const leaders = await link.leaders(topic, asked)
      const answers = Array.from(leaders, async ([broker, led]) => {
        const requests = requestsOf(topic, led)
        const [listed, shape] = await sendTogether(broker, requests.ending, requests.naming)
        if (shape.code !== CODE.none) throw new PartitionMoved(topic, shape.code)
        return { listed, ...shape }
      })
      const told = await Promise.all(answers)
      // A broker may hear of new partitions later than another.
      const partitions = Math.max(...told.map(({ count }) => count))
      return new Map(
        told.flatMap(({ listed, topicId }) =>
          listed.map((answer): [number, LogEnd] => [
            answer.partition,
            { next: offsetOf(topic, answer), identity: identityOf(topicId, answer.epoch), partitions },
          ]),
        ),
      )
    })

  return { end: lookup('end offsets', OFFSET_AT.end), start: lookup('start offsets', OFFSET_AT.start), ends }
}

const offsetOf = (topic: string, { code, offset }: ListedOffset): number => {
  if (isMoved(code)) throw new PartitionMoved(topic, code)
  if (code !== CODE.none) throw new LogError('refused', `offsets of ${topic}: Kafka error ${code}`)
  if (!Number.isSafeInteger(offset)) throw new LogError('refused', `an offset of ${topic} is beyond 2^53 − 1`)
  return offset
}
