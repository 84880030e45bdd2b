/**
 * Everything used of kafkajs 2.2.4 beyond its public interface, with the types that it does not publish. The version is
 * pinned; a missing part throws at construction. Reasons: docs/adr/0010-kafkajs-as-transport.md.
 */

import { createRequire } from 'node:module'
import type { Socket } from 'node:net'
import { Kafka, type KafkaConfig } from 'kafkajs'

type ThrottledAnswer<T> = { readonly clientSideThrottleTime: number; readonly value: T }

/** A request as kafkajs sends it, with a body that is already encoded, and a reader of the response's body. */
export type WireRequest<T> = {
  readonly request: {
    readonly apiKey: number
    readonly apiVersion: number
    readonly apiName: string
    readonly encode: () => Promise<{ readonly buf: Buffer; readonly buffer: Buffer }>
  }
  /** kafkajs sends nothing more on the connection for the time in the decoded answer. */
  readonly response: {
    readonly decode: (body: Buffer) => Promise<ThrottledAnswer<T>>
    parse(answer: ThrottledAnswer<T>): Promise<T>
  }
}

export type Connection = {
  readonly socket?: Socket
  connectionStatus: string
  connect: () => Promise<unknown>
  readonly rejectRequests: (error: Error) => void
  /** `throttledUntil`: Unix milliseconds until which the broker reads nothing more from this connection. */
  readonly requestQueue: { readonly destroy: () => void; readonly throttledUntil: number }
}

export type ConnectionPool = {
  readonly pool: readonly Connection[]
  getConnection: () => Promise<Connection>
  readonly send: <T>(request: WireRequest<T>) => Promise<T>
}

export type Broker = {
  readonly nodeId: number | null
  /** By API number, once connected. */
  readonly versions: Readonly<Record<number, { readonly minVersion: number; readonly maxVersion: number }>> | null
  readonly connectionPool: ConnectionPool
  readonly isConnected: () => boolean
  readonly connect: () => Promise<void>
  readonly initProducerId: (ask: {
    transactionTimeout: number
  }) => Promise<{ producerId: string; producerEpoch: number }>
  readonly findGroupCoordinator: (ask: { groupId: string; coordinatorType: number }) => Promise<{
    coordinator: { nodeId: number; host: string; port: number }
  }>
  readonly joinGroup: (ask: {
    readonly groupId: string
    readonly sessionTimeout: number
    readonly rebalanceTimeout: number
    readonly memberId: string
    readonly groupProtocols: readonly { name: string; metadata: Buffer }[]
  }) => Promise<{
    generationId: number
    leaderId: string
    memberId: string
    members: readonly { memberId: string; memberMetadata: Buffer }[]
  }>
  readonly syncGroup: (ask: {
    readonly groupId: string
    readonly generationId: number
    readonly memberId: string
    readonly groupAssignment: readonly { memberId: string; memberAssignment: Buffer }[]
  }) => Promise<{ memberAssignment: Buffer }>
  readonly heartbeat: (ask: { groupId: string; groupGenerationId: number; memberId: string }) => Promise<unknown>
  readonly describeGroups: (ask: { groupIds: readonly string[] }) => Promise<{
    groups: readonly { members: readonly { memberId: string; clientId: string }[] }[]
  }>
  readonly leaveGroup: (ask: { groupId: string; memberId: string }) => Promise<unknown>
  readonly offsetCommit: (ask: {
    readonly groupId: string
    readonly groupGenerationId: number
    readonly memberId: string
    readonly topics: readonly { topic: string; partitions: readonly { partition: number; offset: string }[] }[]
  }) => Promise<unknown>
  readonly createTopics: (ask: {
    readonly topics: readonly {
      topic: string
      numPartitions: number
      replicationFactor: number
      configEntries: readonly { name: string; value: string }[]
    }[]
    readonly timeout: number
  }) => Promise<unknown>
  readonly describeConfigs: (ask: {
    resources: readonly { type: number; name: string; configNames: readonly string[] }[]
  }) => Promise<{
    resources: readonly { configEntries: readonly { configName: string; configValue: string }[] }[]
  }>
}

/** Creates brokers: at the given address, or at the next address of the configured list. */
export type BrokerFactory = (address?: { host: string; port: number; nodeId: number }) => Promise<Broker>

type Cluster = {
  readonly connectionPoolBuilder: {
    readonly build: (address?: { host: string; port: number }) => Promise<ConnectionPool>
  }
  readonly brokerPool: { readonly createBroker: (options: object) => Broker }
  readonly rootLogger: object
}

export const brokerFactory = (config: KafkaConfig): BrokerFactory => {
  quietRequestQueue()
  const kafka = new Kafka(config) as unknown as Record<symbol, (options: object) => Cluster>
  const symbol = Object.getOwnPropertySymbols(kafka).find((s) => s.description === 'private:Kafka:createCluster')
  if (symbol === undefined) throw new Error('kafkajs has no createCluster: not the pinned version')
  const cluster = kafka[symbol]!({ allowAutoTopicCreation: false })
  return async (address) => {
    const connectionPool = await cluster.connectionPoolBuilder.build(address)
    for (const connection of connectionPool.pool) shareConnecting(connection)
    const nodeId = address && { nodeId: address.nodeId }
    return cluster.brokerPool.createBroker({ logger: cluster.rootLogger, connectionPool, ...nodeId })
  }
}

/**
 * Two requests during the opening of a connection would each open a socket, and kafkajs knows only the last one. When
 * the broker closes the idle others, minutes later, kafkajs takes that for the end of the good one.
 */
const shareConnecting = (connection: Connection): void => {
  const connect = connection.connect.bind(connection)
  let connecting: Promise<unknown> | null = null
  connection.connect = () => {
    connecting ??= connect().finally(() => {
      connecting = null
    })
    return connecting
  }
}

type RequestQueue = { scheduleCheckPendingRequests: (this: { pending: readonly unknown[] }) => void; guarded?: true }

/**
 * With nothing pending, kafkajs re-arms a timer with a negative time after every response: about 5,000 wake-ups a
 * second on an idle connection. A request that must wait schedules the check itself.
 */
export const quietRequestQueue = (): void => {
  const require = createRequire(import.meta.url)
  const queue = (require('kafkajs/src/network/requestQueue') as { prototype: RequestQueue }).prototype
  if (queue.guarded) return
  const schedule = queue.scheduleCheckPendingRequests
  queue.scheduleCheckPendingRequests = function () {
    if (this.pending.length > 0) schedule.call(this)
  }
  queue.guarded = true
}

/**
 * Sends two requests of one connection in one write: separate writes would cost the broker two wake-ups and this
 * process two system calls.
 */
export const sendTogether = <A, B>(
  { connectionPool }: Broker,
  one: WireRequest<A>,
  other: WireRequest<B>,
): Promise<[A, B]> => {
  const sockets = connectionPool.pool.flatMap(({ socket }) => socket ?? [])
  for (const socket of sockets) socket.cork()
  // kafkajs writes within the microtasks that follow, and a tick that a microtask plans comes after all of them.
  queueMicrotask(() =>
    process.nextTick(() => {
      for (const socket of sockets) socket.uncork()
    }),
  )
  return Promise.all([connectionPool.send(one), connectionPool.send(other)])
}

/** The broker has requested a pause: its silence proves nothing about the connection. */
export const isThrottled = (broker: Broker | null): boolean =>
  broker?.connectionPool.pool.some(({ requestQueue }) => requestQueue.throttledUntil > Date.now()) ?? false

/**
 * Ends a broker's connections at once, permanently. kafkajs's own `disconnect` waits for a silent broker's answers, and
 * a call in progress would open a new connection that stays open.
 */
export const cutConnections = (broker: Broker, reason: string): void => {
  broker.connectionPool.getConnection = () => Promise.reject(new Error(reason))
  for (const connection of broker.connectionPool.pool) {
    connection.rejectRequests(new Error(reason))
    connection.requestQueue.destroy()
    connection.connectionStatus = 'disconnected'
    connection.socket?.destroy()
  }
}
