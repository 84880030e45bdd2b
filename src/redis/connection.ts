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
   * One call has one timer, whatever its number of commands. The call rejects with `store_unavailable` past the
   * deadline, without a connection, and when `maxInFlight` calls are unanswered.
   */
  readonly run: <T>(call: (client: RedisClient) => Promise<T>) => Promise<T>
  /** Every node that holds data of its own: the single server, or the masters of a cluster. */
  readonly masters: () => readonly Redis[]
  readonly isCluster: boolean
  /** Resolves once commands can be sent; rejects with `store_unavailable` after `timeoutMs`. */
  readonly whenReady: (timeoutMs: number) => Promise<void>
  readonly close: () => Promise<void>
}

export type ConnectionOptions = {
  /**
   * Time in milliseconds that Redis may stay silent: about 300 for a reader, about 2000 for a writer of large batches.
   */
  readonly deadlineMs: number
  readonly maxInFlight?: number
  /** Receives connection problems in words that are safe to log. */
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
  // The client of a node is created before it connects.
  else client.on('+node', (node: Redis) => freshLogin(node.options, target, warn))
  return client
}

const reviveMs = 100

/** Does not call `end()`: a hanging Redis never answers it. */
const destroyed = async (socket: Redis['stream'] | undefined) => {
  if (socket === undefined || socket.closed) return
  socket.destroy()
  await once(socket, 'close')
}

/**
 * A Redis that hangs keeps its sockets open and accepts new ones, so silence is the only sign.
 *
 * | state        | event                                | next state   | effect                                       |
 * |--------------|--------------------------------------|--------------|----------------------------------------------|
 * | connecting   | handshake done (`ready`)             | ready        | calls are sent                               |
 * | connecting   | no handshake in 2 × `deadlineMs`     | connecting   | socket destroyed, new attempt                |
 * | ready        | a call is silent past `deadlineMs`   | connecting   | socket destroyed, all its calls fail at once |
 * | any          | `end` (ioredis stopped its attempts) | connecting   | new attempt after `reviveMs`                 |
 * | any          | `close()`                            | closed       | sockets destroyed                            |
 *
 * Outside `ready` a call fails without being sent. A late reply has no socket to arrive on, and nothing stays queued.
 * Redis may still execute a command that was sent. This is safe: every write is a compare-and-set, and a lease ends at
 * a fixed moment.
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
  // ioredis stops its attempts permanently when the search for a master is interrupted
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
      // a reply that arrived while the event loop was busy is read before the immediate runs
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
