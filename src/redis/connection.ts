import { once } from 'node:events'
import { Cluster, Redis } from 'ioredis'
import { storeUnavailable } from '../store-unavailable.ts'
import { clusterOptions, sentinelOptions, singleOptions } from './client-options.ts'
import { freshLogin } from './fresh-login.ts'
import { safeDetail, safeError } from './safe-error.ts'
import type { RedisServers } from './target.ts'

export type RedisClient = Redis | Cluster

export type RedisConnection = {
  /**
   * One call: one timer, however many commands. Rejects with `store_unavailable` past the deadline, at once while there
   * is no connection, and beyond `maxInFlight` calls that Redis has not answered.
   */
  readonly run: <T>(call: (client: RedisClient) => Promise<T>) => Promise<T>
  /** Every node that holds data of its own: one, or a cluster's masters. */
  readonly masters: () => readonly Redis[]
  readonly isCluster: boolean
  /** Resolves once commands can be sent; rejects with `store_unavailable` after `timeoutMs`. */
  readonly whenReady: (timeoutMs: number) => Promise<void>
  readonly close: () => Promise<void>
}

export type ConnectionOptions = {
  /** How long Redis may stay silent. A reader wants some 300, a writer of large batches some 2000. */
  readonly deadlineMs: number
  readonly maxInFlight?: number
  /** Hears of trouble with the connection, in words that are safe to log. */
  readonly warn?: (detail: string) => void
}

const construct = (target: RedisServers, deadlineMs: number): RedisClient => {
  switch (target.kind) {
    case 'single':
      return new Redis(singleOptions(target))
    case 'sentinel':
      return new Redis(sentinelOptions(target, deadlineMs))
    case 'cluster':
      return new Cluster(
        target.nodes.map((node) => ({ ...node })),
        clusterOptions(target, deadlineMs),
      )
  }
}

const connect = (target: RedisServers, deadlineMs: number, warn: (detail: string) => void): RedisClient => {
  const client = construct(target, deadlineMs)
  if (client instanceof Redis) freshLogin(client.options, target, warn)
  // A node's client exists before it connects.
  else client.on('+node', (node: Redis) => freshLogin(node.options, target, warn))
  return client
}

const reviveMs = 100

/** Not `end()`: a hanging Redis never answers it. */
const destroyed = async (socket: Redis['stream'] | undefined) => {
  if (socket === undefined || socket.closed) return
  socket.destroy()
  await once(socket, 'close')
}

/**
 * A Redis that hangs keeps its sockets open and accepts new ones. So silence is the only sign: past the deadline the
 * socket is destroyed, which fails everything on it at once (a reply that comes later has no socket to come by) and
 * leaves nothing queued; until a new handshake gets through, calls fail without being sent. What was sent may still be
 * executed later: every write is a compare-and-set, and a lease is a moment, not a duration.
 */
export const redisConnection = (target: RedisServers, options: ConnectionOptions): RedisConnection => {
  const { deadlineMs, maxInFlight = 1024, warn = () => {} } = options
  const client = connect(target, deadlineMs, warn)
  let inFlight = 0
  let closing = false

  const cutOff = () => {
    if (client instanceof Redis) client.stream?.destroy()
  }

  client.on('error', (error) => warn(safeDetail(error)))
  // ioredis gives up for good where the search for a master is broken off
  client.on('end', () => {
    const revive = () => {
      if (!closing) client.connect().catch(() => {})
    }
    if (!closing) setTimeout(revive, reviveMs).unref()
  })
  if (client instanceof Redis) {
    let handshake: NodeJS.Timeout
    client.on('connect', () => {
      handshake = setTimeout(cutOff, 2 * deadlineMs)
    })
    for (const over of ['ready', 'close']) client.on(over, () => clearTimeout(handshake))
  }

  client.connect().catch(() => {})

  const run = <T>(call: (client: RedisClient) => Promise<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      if (inFlight >= maxInFlight) return reject(storeUnavailable('too many calls in flight'))
      inFlight += 1
      let settled = false
      const expire = () => {
        if (settled) return
        settled = true
        reject(storeUnavailable('no reply in time'))
        cutOff()
      }
      // a reply that arrived while this process was busy is read before the immediate runs
      const timer = setTimeout(() => setImmediate(expire), deadlineMs)
      const settle = () => {
        inFlight -= 1
        clearTimeout(timer)
        settled = true
      }
      const called = async () => call(client)
      called().then(
        (value) => {
          settle()
          resolve(value)
        },
        (error) => {
          settle()
          reject(safeError(error))
        },
      )
    })

  return {
    run,
    masters: () => (client instanceof Cluster ? client.nodes('master') : [client]),
    isCluster: target.kind === 'cluster',
    whenReady: (timeoutMs) =>
      new Promise((resolve, reject) => {
        if (client.status === 'ready') return resolve()
        const ready = () => {
          clearTimeout(timer)
          resolve()
        }
        const timer = setTimeout(() => {
          client.off('ready', ready)
          reject(storeUnavailable('not connected'))
        }, timeoutMs)
        client.once('ready', ready)
      }),
    close: async () => {
      closing = true
      const sockets = (client instanceof Cluster ? client.nodes() : [client]).map(({ stream }) => stream)
      client.disconnect()
      await Promise.all(sockets.map(destroyed))
    },
  }
}
