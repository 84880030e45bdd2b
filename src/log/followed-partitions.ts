import type { Follower, FollowHandler } from '../../consumers/ports/log.ts'
import { openPartitionQueue, type PartitionQueue } from './partition-queue.ts'
import { type Pause, pause as realPause } from './pause.ts'
import { freeLease, type UnpackBudget } from './unpack-budget.ts'

export type FollowDeps = {
  readonly handler: FollowHandler
  readonly pause?: Pause
  readonly failed: (partition: number, what: string, error: unknown) => void
  /** The queue's request has changed. */
  readonly changed: (queue: PartitionQueue) => void
  /** Absent: nothing is packed. */
  readonly budget?: UnpackBudget
}

export type FollowedPartitions = Follower & { readonly queues: () => readonly PartitionQueue[] }

const STOP_MS = 3000

/** The queues of partitions that are followed separately; the log's adapter fills them. */
export const followedPartitions = ({
  handler,
  pause = realPause,
  failed,
  changed,
  budget,
}: FollowDeps): FollowedPartitions => {
  const queues = new Map<number, PartitionQueue>()
  /** A partition that is followed again waits until its former queue has finished its current batch. */
  const closing = new Map<number, Promise<void>>()

  const leave = (partition: number): void => {
    const done = queues.get(partition)?.close()
    if (done === undefined) return
    queues.delete(partition)
    closing.set(partition, done)
    void done.then(() => closing.get(partition) === done && closing.delete(partition))
  }

  return {
    queues: () => [...queues.values()],
    follow: (partition) => {
      if (queues.has(partition)) return
      const queue = openPartitionQueue(partition, {
        handler,
        changed: () => queues.get(partition) === queue && changed(queue),
        progressed: () => {},
        failed,
        pause,
        after: closing.get(partition) ?? Promise.resolve(),
        lease: budget?.lease() ?? freeLease,
      })
      queues.set(partition, queue)
    },
    leave,
    stop: async () => {
      for (const partition of [...queues.keys()]) leave(partition)
      const enough = new AbortController()
      await Promise.race([Promise.all(closing.values()), pause(STOP_MS, enough.signal)])
      enough.abort()
    },
  }
}
