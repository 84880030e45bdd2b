import { readCredential } from '../credential.ts'
import type { RedisServers } from './target.ts'

/**
 * The first retries come at once, later retries twice a second. A gateway reconnects within a second, and many gateways
 * do not retry together.
 */
const retryDelayMs = (times: number): number => Math.min(25 * 2 ** Math.min(times, 10), 500) + Math.random() * 50

const connectTimeoutMs = 1000

/**
 * No command is queued, retried or sent again without the caller's knowledge. Every loss is reported at once, and the
 * caller decides.
 */
const nodeOptions = (target: RedisServers) => ({
  enableOfflineQueue: false,
  maxRetriesPerRequest: 0,
  autoResendUnfulfilledCommands: false,
  connectTimeout: connectTimeoutMs,
  keepAlive: 10_000,
  maxLoadingRetryTime: 200,
  connectionName: 'pullgate',
  retryStrategy: retryDelayMs,
  /** The master was demoted: its name may already resolve to the new master. */
  reconnectOnError: (error: Error) => error.message.includes('READONLY'),
  username: target.username && readCredential(target.username),
  password: target.password && readCredential(target.password),
  /** HELLO is not needed, and some proxies and access lists do not support it. */
  protocol: 2 as const,
  /** `freshLogin` runs between construction and the first connection. */
  lazyConnect: true,
})

const tls = (target: RedisServers) => (target.tls === undefined ? {} : { tls: { ...target.tls } })

export const singleOptions = (target: RedisServers & { kind: 'single' }) => ({
  ...nodeOptions(target),
  ...tls(target),
  host: target.host,
  port: target.port,
  db: target.db,
})

/**
 * `failoverDetector` is off: it can end a client permanently when the master changes while the client connects. A lost,
 * hanging or demoted master is detected without it, and every reconnection asks the sentinels.
 */
export const sentinelOptions = (target: RedisServers & { kind: 'sentinel' }, deadlineMs: number) => ({
  ...nodeOptions(target),
  ...tls(target),
  ...(target.tls === undefined ? {} : { sentinelTLS: { ...target.tls }, enableTLSForSentinelMode: true }),
  sentinels: target.sentinels.map((node) => ({ ...node })),
  name: target.name,
  db: target.db,
  sentinelUsername: target.sentinelUsername,
  sentinelPassword: target.sentinelPassword,
  sentinelCommandTimeout: deadlineMs,
  sentinelRetryStrategy: retryDelayMs,
})

/**
 * Nodes of a cluster queue commands until they are connected, because the cluster client requires it. `socketTimeout`
 * closes the connection to a silent node.
 */
export const clusterOptions = (target: RedisServers & { kind: 'cluster' }, deadlineMs: number) => {
  const { enableOfflineQueue: _, retryStrategy: __, lazyConnect, ...node } = nodeOptions(target)
  return {
    redisOptions: { ...node, ...tls(target), socketTimeout: 2 * deadlineMs },
    enableOfflineQueue: false,
    lazyConnect,
    clusterRetryStrategy: retryDelayMs,
    slotsRefreshTimeout: connectTimeoutMs,
    maxRedirections: 4,
    retryDelayOnFailover: 50,
    retryDelayOnClusterDown: 50,
    retryDelayOnTryAgain: 50,
  }
}
