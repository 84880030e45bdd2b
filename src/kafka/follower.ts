import type { Follower, FollowHandler } from '../../consumers/ports/log.ts'
import { followedPartitions } from '../log/followed-partitions.ts'
import type { UnpackBudget } from '../log/unpack-budget.ts'
import { type Fetcher, startFetching } from './fetcher.ts'
import type { Brokers } from './leader.ts'
import type { LinkLogger } from './logger.ts'

export type FollowerOptions = {
  /** This follower's own connections, so that its long polls delay no other requests. */
  readonly brokers: Brokers
  readonly logger: LinkLogger
  readonly topic: string
  readonly budget: UnpackBudget
  readonly handler: FollowHandler
  readonly ended: () => void
}

/** Connects when the first partition is followed, and sends nothing while none is. */
export const kafkaFollower = ({ brokers, logger, topic, budget, handler, ended }: FollowerOptions): Follower => {
  const stopping = new AbortController()
  let fetcher: Fetcher | null = null
  const followed = followedPartitions({
    handler,
    budget,
    failed: (partition, what, error) =>
      logger.warn({ topic, partition, err: error }, `${what} was not taken; trying again`),
    changed: () => fetcher?.wake(),
  })
  return {
    follow: (partition) => {
      if (stopping.signal.aborted) return
      followed.follow(partition)
      fetcher ??= startFetching({
        brokers,
        topic,
        queues: followed.queues,
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
      brokers.connections.close()
      ended()
    },
  }
}
