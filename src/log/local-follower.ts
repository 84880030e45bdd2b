import type { Follower, FollowHandler } from '../../consumers/ports/log.ts'
import { feedQueue, type LocalDeps } from './feed-queue.ts'
import { followedPartitions } from './followed-partitions.ts'
import type { LocalGroup } from './local-group.ts'

/** The events of this process's log for its readers. */
export type LocalReaders = Pick<LocalGroup, 'feed' | 'recheck' | 'rebalance' | 'stop'>

/** Follows partitions of a log in this process. */
export const localFollower = (
  deps: LocalDeps,
  handler: FollowHandler,
): { readonly follower: Follower; readonly readers: LocalReaders } => {
  const { pause, failed } = deps
  const { queues, ...follower } = followedPartitions({
    handler,
    pause,
    failed,
    changed: (queue) => queueMicrotask(() => feedQueue(queue, deps)),
  })
  return {
    follower,
    readers: {
      feed: () => {
        for (const queue of queues()) feedQueue(queue, deps)
      },
      recheck: () => {
        for (const queue of queues()) queue.recheck()
      },
      rebalance: async () => {},
      stop: follower.stop,
    },
  }
}
