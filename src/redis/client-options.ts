import { readCredential } from '../credential.ts'
import type { RedisServers } from './target.ts'

/** First tries come at once, later ones twice a second: back within a second of Redis, with no herd of gateways. */
const retryDelayMs = (times: number): number => Math.min(25 * 2 ** Math.min(times, 10), 500) + Math.random() * 50

const connectTimeoutMs = 1000

/** Nothing is queued, retried or sent again behind a caller's back: every loss shows at once, and the caller decides. */
const nodeOptions = (target: RedisServers) => ({
  enableOfflineQueue: false,
  maxRetriesPerRequest: 0,
  autoResendUnfulfilledCommands: false,
  connectTimeout: connectTimeoutMs,
  keepAlive: 10_000,
  maxLoadingRetryTime: 200,
  connectionName: 'pullgate',
  retryStrategy: retryDelayMs,
  /** A demoted master: its name may lead to the new one by now. */
  reconnectOnError: (error: Error) => error.message.includes('READONLY'),
  username: target.username && readCredential(target.username),
  password: target.password && readCredential(target.password),
  /** HELLO is not needed, and some proxies and access lists do not have it. */
  protocol: 2 as const,
  /** For `freshLogin`, which comes between construction and the first connection. */
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
 * Without `failoverDetector`: it can end a client for good when the master changes while that client connects. A master
 * that is gone, hangs or was demoted is noticed without it, and every reconnection asks the sentinels.
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

/** Nodes of a cluster queue until connected (its client needs that); a silent one is cut off by `socketTimeout`. */
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
