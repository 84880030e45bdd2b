/**
 * Connections to the brokers, and where the partitions are. A link that misbehaves is not repaired but cut: the next call
 * starts on fresh connections, from the configured list on. So no call can inherit another's silence.
 */

import { LogError, type LogErrorCode } from '../../consumers/ports/log-error.ts'
import type { LinkLogger } from './logger.ts'
import { isLoginRefused } from './login/login-refused.ts'
import { type Broker, type BrokerFactory, cutConnections } from './protocol/kafkajs-internals.ts'
import { type Address, metadataRequest, type TopicMetadata } from './protocol/metadata.ts'
import { CODE, isMoved, isProtocolError, PartitionMoved } from './protocol/protocol-errors.ts'
import { API } from './protocol/wire.ts'

/** The connections between one cut and the next. */
type Wires = {
  readonly opened: Set<Broker>
  readonly seed: Promise<Broker>
  readonly brokers: Map<number, Promise<Broker>>
  readonly topics: Map<string, Promise<TopicMetadata>>
}

export type BrokerConnections = {
  /** Fresh every time it was found stale; rejects with `PartitionMoved` where the topic is unknown. */
  readonly topic: (topic: string) => Promise<TopicMetadata>
  /** The same whether the topic exists or not, where only the brokers matter. */
  readonly anyMetadata: (topic: string) => Promise<TopicMetadata>
  readonly broker: (address: Address) => Promise<Broker>
  /** Any broker of the configured list. */
  readonly seed: () => Promise<Broker>
  /** The brokers that lead these partitions; `PartitionMoved` where one has no leader. */
  readonly leaders: (topic: string, partitions: readonly number[]) => Promise<ReadonlyMap<Broker, readonly number[]>>
  /** Forgets where this topic's partitions are. */
  readonly stale: (topic: string) => void
  /**
   * Runs `work` within the deadline, again on fresh connections or fresh leaders where those failed, and rejects with a
   * `LogError` past it.
   */
  readonly run: <T>(what: string, deadlineMs: number, work: () => Promise<T>) => Promise<T>
  /** Ends all connections, every call under way and every later one. */
  readonly close: () => void
}

const RETRY_PAUSE_MS = 50
/** Less patience than this says nothing about the connection. */
const SILENCE_MS = 250

export const openBrokerConnections = (makeBroker: BrokerFactory, logger: LinkLogger): BrokerConnections => {
  let wires: Wires | null = null
  /** By list of partitions, as long as the metadata counts that they were found by: pulls ask for the same ones all the time. */
  const leadersOf = new WeakMap<TopicMetadata, WeakMap<readonly number[], ReadonlyMap<Broker, readonly number[]>>>()
  let healthy = true
  let closed = false

  const current = (): Wires => {
    if (wires === null) {
      const opened = new Set<Broker>()
      wires = { opened, seed: open(opened), brokers: new Map(), topics: new Map() }
    }
    return wires
  }

  const open = (opened: Set<Broker>, address?: Address): Promise<Broker> =>
    observed(
      makeBroker(address).then(async (broker) => {
        opened.add(broker)
        await broker.connect()
        refuseTooOld(broker)
        return broker
      }),
    )

  const cutIf = (seen: Wires | null, reason: string): void => {
    if (wires === null || wires !== seen) return
    wires = null
    for (const broker of seen.opened) cutConnections(broker, reason)
  }

  const anyMetadata: BrokerConnections['anyMetadata'] = (name) => {
    const { seed, topics } = current()
    const known = topics.get(name)
    if (known !== undefined) return known
    const asked = observed(seed.then((broker) => broker.connectionPool.send(metadataRequest(name))))
    topics.set(name, asked)
    return asked
  }

  const topic: BrokerConnections['topic'] = async (name) => {
    const metadata = await anyMetadata(name)
    if (metadata.code !== CODE.none) {
      wires?.topics.delete(name)
      throw new PartitionMoved(name, metadata.code)
    }
    return metadata
  }

  const broker: BrokerConnections['broker'] = (address) => {
    const { brokers, opened } = current()
    const known = brokers.get(address.nodeId)
    if (known !== undefined) return known
    const connecting = open(opened, address)
    brokers.set(address.nodeId, connecting)
    return connecting
  }

  const leaders: BrokerConnections['leaders'] = async (name, partitions) => {
    const metadata = await topic(name)
    const known = leadersOf.get(metadata)?.get(partitions)
    if (known !== undefined) return known
    const found = new Map<Broker, number[]>()
    for (const partition of partitions) {
      const leader = metadata.partitions.find((known) => known.partition === partition)?.leader ?? -1
      const address = metadata.brokers.find((known) => known.nodeId === leader)
      if (address === undefined) throw new PartitionMoved(name, CODE.leaderNotAvailable)
      const leading = await broker(address)
      found.set(leading, [...(found.get(leading) ?? []), partition])
    }
    leadersOf.set(metadata, (leadersOf.get(metadata) ?? new WeakMap()).set(partitions, found))
    return found
  }

  /** What to do about a failure, after everything that it makes doubtful is forgotten. */
  const judge = (error: unknown, seen: Wires, attemptMs: number): 'again' | 'overdue' | 'refused' => {
    if (error === OVERDUE) {
      if (attemptMs > SILENCE_MS) cutIf(seen, 'no answer in time')
      return 'overdue'
    }
    const isSaslState = isProtocolError(error) && error.type === 'ILLEGAL_SASL_STATE'
    const isAnswer = error instanceof PartitionMoved || (isProtocolError(error) && !isSaslState)
    if (isAnswer) {
      seen.topics.clear()
      return error instanceof PartitionMoved || isMoved(error.code) || error.retriable ? 'again' : 'refused'
    }
    if (error instanceof LogError) return 'refused'
    cutIf(seen, 'a connection failed')
    return isLoginRefused(error) ? 'refused' : 'again'
  }

  const told = (what: string, answers: boolean, reason?: string): void => {
    if (answers && !healthy) logger.info({ what }, 'the log answers again')
    if (!answers && healthy) logger.warn({ what, reason }, 'the log does not answer')
    healthy = answers
  }

  const run: BrokerConnections['run'] = async (what, deadlineMs, work) => {
    const until = performance.now() + deadlineMs
    let failure: unknown = null
    while (!closed) {
      const seen = current()
      const began = performance.now()
      try {
        const result = await withDeadline(work(), until - began)
        told(what, true)
        return result
      } catch (error) {
        const judgement = judge(error, seen, performance.now() - began)
        if (judgement === 'refused') throw error instanceof LogError ? error : logError('refused', what, error)
        if (judgement === 'again' || failure === null) failure = error
        if (judgement === 'overdue' || performance.now() + RETRY_PAUSE_MS >= until) break
        await new Promise((resolve) => setTimeout(resolve, RETRY_PAUSE_MS))
      }
    }
    if (closed) throw new LogError('unavailable', `${what}: closed`)
    told(what, false, (failure as Error).message)
    throw logError('unavailable', what, failure)
  }

  return {
    topic,
    anyMetadata,
    broker,
    seed: () => current().seed,
    leaders,
    stale: (name) => wires?.topics.delete(name),
    run,
    close: () => {
      closed = true
      cutIf(wires, 'closed')
    },
  }
}

/** The first version that is asked for by topic id: without it a topic that was made anew cannot be told from its former. */
const NEEDED = { api: API.fetch, version: 13 } as const

const refuseTooOld = ({ versions }: Broker): void => {
  if ((versions?.[NEEDED.api]?.maxVersion ?? 0) < NEEDED.version)
    throw new LogError('refused', 'the broker is too old: Kafka 3.1 or later is needed')
}

/** A promise that several may wait for, or nobody: its failure is told to those who do. */
const observed = <T>(promise: Promise<T>): Promise<T> => {
  promise.catch(() => {})
  return promise
}

const logError = (code: LogErrorCode, what: string, cause: unknown): LogError =>
  new LogError(code, `${what}: ${(cause as Error).message}`, { cause })

const OVERDUE = new Error('no answer in time')

/** The work's outcome, or a rejection once the time is over; the work's own later failure is nobody's. */
const withDeadline = <T>(work: Promise<T>, ms: number): Promise<T> =>
  new Promise<T>((resolve, reject) => {
    const timer = setTimeout(() => reject(OVERDUE), Math.max(ms, 0))
    work.then(resolve, reject).finally(() => clearTimeout(timer))
  })
