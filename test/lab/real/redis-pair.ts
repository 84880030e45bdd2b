import { Redis } from 'ioredis'
import { type PrivateRedis, privateRedis } from '../../support/private-redis.ts'
import { until } from '../../support/until.ts'
import { openRelay, type Relay } from './relay.ts'

/** A Redis and its replica behind one address, and what may happen to them. */
export type RedisPair = {
  readonly url: string
  readonly relay: Relay
  readonly flush: () => Promise<void>
  /** Stops to replicate, and after a while promotes the replica: what was acknowledged in between is lost. */
  readonly failover: (lostMs: number) => Promise<void>
  readonly save: () => Promise<void>
  /** Kills it and starts it on the file that was last saved. */
  readonly restore: () => Promise<void>
  /** Out of memory: writes are refused, reads are not. */
  readonly fill: () => Promise<void>
  readonly empty: () => Promise<void>
  readonly pause: () => void
  readonly resume: () => void
  readonly close: () => Promise<void>
}

const SETTINGS = [
  '--repl-diskless-sync-delay',
  '0',
  '--maxmemory-policy',
  'noeviction',
  '--stop-writes-on-bgsave-error',
  'no',
]

export const openRedisPair = async (): Promise<RedisPair> => {
  const relay = await openRelay()
  let [master, replica] = await Promise.all([privateRedis(...SETTINGS), privateRedis(...SETTINGS)])
  relay.pointTo(master.port)

  const follow = async (): Promise<void> => {
    await tell(replica, 'REPLICAOF', '127.0.0.1', String(master.port))
    await until(
      'the replica to be in step',
      async () => String(await tell(replica, 'INFO', 'replication')).includes('master_link_status:up'),
      60_000,
    )
  }
  await follow()

  return {
    url: `redis://127.0.0.1:${relay.port}`,
    relay,
    flush: async () => void (await tell(master, 'FLUSHALL')),
    failover: async (lostMs) => {
      await tell(replica, 'REPLICAOF', 'NO', 'ONE')
      await new Promise((resolve) => setTimeout(resolve, lostMs))
      ;[master, replica] = [replica, master]
      relay.pointTo(master.port)
      relay.reset()
      await follow()
    },
    save: async () => void (await tell(master, 'SAVE')),
    restore: async () => {
      await master.kill()
      relay.reset()
      await master.start()
      await follow()
    },
    fill: async () => void (await tell(master, 'CONFIG', 'SET', 'maxmemory', '1')),
    empty: async () => void (await tell(master, 'CONFIG', 'SET', 'maxmemory', '0')),
    pause: () => master.pause(),
    resume: () => master.resume(),
    close: async () => {
      await Promise.all([master.close(), replica.close(), relay.close()])
    },
  }
}

const tell = async (server: PrivateRedis, command: string, ...args: string[]): Promise<unknown> => {
  const client = new Redis(server.port, '127.0.0.1', { maxRetriesPerRequest: 5 })
  client.on('error', () => {})
  try {
    return await client.call(command, ...args)
  } finally {
    client.disconnect()
  }
}
