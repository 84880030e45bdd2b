import type { Follower, FollowHandler } from '../../consumers/ports/log.ts'
import { followedPartitions } from '../log/followed-partitions.ts'
import type { BrokerConnections } from './broker-connections.ts'
import { type Fetcher, startFetching } from './fetcher.ts'
import type { LinkLogger } from './logger.ts'

export type FollowerOptions = {
  /** A link of this follower's own: its long polls hold up nobody else's requests. */
  readonly link: BrokerConnections
  readonly logger: LinkLogger
  readonly topic: string
  readonly handler: FollowHandler
  readonly ended: () => void
}

/** Nothing is connected before the first partition is followed, and nothing is asked while none is. */
export const kafkaFollower = ({ link, logger, topic, handler, ended }: FollowerOptions): Follower => {
  const stopping = new AbortController()
  let fetcher: Fetcher | null = null
  const followed = followedPartitions({
    handler,
    failed: (partition, what, error) =>
      logger.warn({ topic, partition, err: error }, `${what} was not taken; trying again`),
    changed: () => fetcher?.wake(),
  })
  return {
    follow: (partition) => {
      if (stopping.signal.aborted) return
      followed.follow(partition)
      fetcher ??= startFetching({
        link,
        topic,
        lanes: followed.queues,
        sign: () => {},
        logger,
        signal: stopping.signal,
      })
      fetcher.wake()
    },
    leave: followed.leave,
    stop: async () => {
      stopping.abort()
      await followed.stop()
      link.close()
      ended()
    },
  }
}
