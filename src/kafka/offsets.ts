import { type Domains, oneDomain } from '../../consumers/ports/domains.ts'
import type { LogEnd } from '../../consumers/ports/log.ts'
import { LogError } from '../../consumers/ports/log-error.ts'
import { isFinal, logError } from './broker-connections.ts'
import type { Brokers } from './leader.ts'
import { sendTogether } from './protocol/kafkajs-internals.ts'
import { type ListedOffset, listOffsetsRequest, OFFSET_AT } from './protocol/list-offsets.ts'
import { type Address, identityOf, topicShapeRequest } from './protocol/metadata.ts'
import { CODE, isMoved, PartitionMoved } from './protocol/protocol-errors.ts'
import type { TopicView } from './topic-view.ts'

export type OffsetLookup = (topic: string, partitions: readonly number[]) => Promise<ReadonlyMap<number, number>>

export type OffsetLookups = {
  readonly end: OffsetLookup
  readonly start: OffsetLookup
  readonly ends: (topic: string, partitions: readonly number[]) => Promise<ReadonlyMap<number, LogEnd>>
  readonly domains: (topic: string, partitions: readonly number[]) => Domains
}

/** The partitions of one request that one broker leads. */
type Led = { readonly address: Address; readonly partitions: readonly number[]; readonly view: TopicView }

type LeaderAnswers<T> = readonly (readonly [partition: number, told: T])[]
/** One exchange with the leader of these partitions; omits partitions whose offsets are unknown at the moment. */
type AskLeader<T> = (topic: string, led: Led, untilMs: number) => Promise<LeaderAnswers<T>>

const RETRY_PAUSE_MS = 50

/**
 * One ListOffsets for each leading broker, with a short deadline, because pulls wait for it. kafkajs's admin call asks
 * twice and for all partitions. Each broker is asked separately: one that fails or hangs affects only its own
 * partitions.
 */
export const offsetLookups = ({ cluster, connections }: Brokers, deadlineMs: number): OffsetLookups => {
  const groups = ledPartitions()
  const domains = domainsOfView()

  /**
   * Collects answers until all are known or the time is over; rejects where none is known, or where an answer is final.
   */
  const lookUp = async <T>(
    what: string,
    topic: string,
    partitions: readonly number[],
    ask: AskLeader<T>,
  ): Promise<ReadonlyMap<number, T>> => {
    const until = performance.now() + deadlineMs
    const found = new Map<number, T>()
    let failure: unknown = new Error('no leader has answered')
    for (let left = partitions; ; ) {
      const view = await cluster.topic(topic, until).catch((error: unknown) => {
        failure = error
        return null
      })
      const answers = await Promise.allSettled(
        view === null ? [] : groups(view, left).map((led) => ask(topic, led, until)),
      )
      for (const answer of answers) {
        if (answer.status === 'rejected') failure = answer.reason
        else for (const [partition, told] of answer.value) found.set(partition, told)
      }
      if (found.size === partitions.length) return found
      if (isFinal(failure)) throw failure instanceof LogError ? failure : logError('refused', what, failure)
      if (performance.now() + RETRY_PAUSE_MS >= until) break
      left = partitions.filter((partition) => !found.has(partition))
      cluster.doubt(topic)
      await new Promise((resolve) => setTimeout(resolve, RETRY_PAUSE_MS))
    }
    if (found.size > 0) return found
    throw logError('unavailable', what, failure)
  }

  const listed =
    (timestamp: number): AskLeader<number> =>
    async (topic, { address, partitions }, untilMs) => {
      const request = listOffsetsRequest(topic, partitions, timestamp)
      const answers = await connections.ask(address, untilMs, (broker) => broker.connectionPool.send(request))
      return answers.flatMap((answer) => {
        const offset = offsetOf(topic, answer)
        return offset === null ? [] : [[answer.partition, offset]]
      })
    }

  const whole =
    (what: string, timestamp: number): OffsetLookup =>
    async (topic, partitions) => {
      const found = await lookUp(what, topic, partitions, listed(timestamp))
      const missing = partitions.filter((partition) => !found.has(partition))
      if (missing.length > 0)
        throw new LogError('unavailable', `${what}: the leader of partition ${missing.join(', ')} does not answer`)
      return found
    }

  const requestsOf = endRequests()
  /**
   * Both requests use one connection, whose broker answers in order, and a broker knows a new topic before it leads its
   * partitions. So the id belongs to the log that reported its end, or to a newer one. A leader's claim counts only if
   * another broker confirms it.
   */
  const askEnds: AskLeader<LogEnd> = async (topic, led, untilMs) => {
    const askedMs = performance.now()
    const requests = requestsOf(topic, led)
    const [answers, shape] = await connections.ask(led.address, untilMs, (broker) =>
      sendTogether(broker, requests.ending, requests.naming),
    )
    if (shape.code !== CODE.none) throw new PartitionMoved(topic, shape.code)
    const { topicId } = shape
    const { nodeId } = led.address
    const isVouched = ({ partition, epoch }: ListedOffset): boolean =>
      cluster.isVouched(topic, { nodeId, topicId, partition, epoch }, askedMs)
    if (!answers.every(isVouched)) await cluster.confirm(topic, untilMs)
    // Brokers may learn of new partitions at different times.
    const partitions = Math.max(shape.count, cluster.known(topic)?.count ?? 0)
    return answers.flatMap((answer) => {
      const next = offsetOf(topic, answer)
      if (next === null || !isVouched(answer)) return []
      return [[answer.partition, { next, identity: identityOf(topicId, answer.epoch), partitions }]]
    })
  }

  return {
    end: whole('end offsets', OFFSET_AT.end),
    start: whole('start offsets', OFFSET_AT.start),
    ends: (topic, partitions) => lookUp('ends', topic, partitions, askEnds),
    domains: (topic, partitions) => domains(cluster.known(topic), partitions),
  }
}

/** Cached by the list of partitions while their leaders stay: pulls ask for the same lists all the time. */
const ledPartitions = () => {
  const made = new WeakMap<TopicView, WeakMap<readonly number[], readonly Led[]>>()
  return (view: TopicView, partitions: readonly number[]): readonly Led[] => {
    const known = made.get(view)?.get(partitions)
    if (known !== undefined) return known
    const byNode = Map.groupBy(
      partitions.filter((partition) => view.leaders.has(partition)),
      (partition) => view.leaders.get(partition)!.address,
    )
    const groups = [...byNode].map(([address, led]): Led => ({ address, partitions: led, view }))
    made.set(view, (made.get(view) ?? new WeakMap()).set(partitions, groups))
    return groups
  }
}

/** The view's own lists where all partitions are requested; nothing is known before the first request. */
const domainsOfView = () => {
  const unknown = oneDomain()
  const made = new WeakMap<TopicView, WeakMap<readonly number[], Domains>>()
  return (view: TopicView | null, partitions: readonly number[]): Domains => {
    if (view === null) return unknown('', partitions)
    const known = made.get(view)?.get(partitions)
    if (known !== undefined) return known
    const asked = new Set(partitions)
    const parts = view.domains.map((domain) => domain.filter((partition) => asked.has(partition)))
    const beyond = partitions.filter((partition) => partition >= view.count)
    const domains = [...parts, beyond].filter(({ length }) => length > 0)
    made.set(view, (made.get(view) ?? new WeakMap()).set(partitions, domains))
    return domains
  }
}

type EndRequests = {
  readonly ending: ReturnType<typeof listOffsetsRequest>
  readonly naming: ReturnType<typeof topicShapeRequest>
}

/** Encoded once for each list that one broker leads, in one state of its topic. */
const endRequests = () => {
  const written = new WeakMap<Led, EndRequests>()
  return (topic: string, led: Led): EndRequests => {
    const known = written.get(led)
    if (known !== undefined) return known
    const requests = {
      ending: listOffsetsRequest(topic, led.partitions, OFFSET_AT.end),
      naming: topicShapeRequest(topic),
    }
    written.set(led, requests)
    return requests
  }
}

/** `null`: the broker does not lead this partition, or not yet. */
const offsetOf = (topic: string, { code, offset }: ListedOffset): number | null => {
  if (isMoved(code)) return null
  if (code !== CODE.none) throw new LogError('refused', `offsets of ${topic}: Kafka error ${code}`)
  if (!Number.isSafeInteger(offset)) throw new LogError('refused', `an offset of ${topic} is beyond 2^53 − 1`)
  return offset
}
