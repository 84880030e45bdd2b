/**
 * A supervised member of a consumer group. The membership, the fetch loops and one queue for each assigned partition
 * run in parallel until `stop`. Every exchange has a deadline, so a dead broker, a stuck join or a lost membership
 * leads back to joining.
 *
 * | state       | event                               | next state  | effect                                     |
 * |-------------|-------------------------------------|-------------|--------------------------------------------|
 * | joining     | the group assigns partitions        | member      | queues opened, kept or closed              |
 * | joining     | no answer                           | joining     | retried with a growing pause               |
 * | member      | heartbeat answered                  | member      | offsets committed                          |
 * | member      | `rebalance`                         | joining     | delivery held for `HOLD_MS`, then committed |
 * | member      | `lost`                              | joining     | all queues closed                          |
 * | any         | `stop`                              | stopped     | delivery held, committed, left, closed     |
 *
 * A group cannot fence: a paused member may still handle a batch that another member has taken over. The store's
 * compare-and-set decides between them, not this file.
 */

import type { Consumer, ConsumerHandler } from '../../consumers/ports/log.ts'
import { openPartitionQueue, type PartitionQueue } from '../log/partition-queue.ts'
import { backoff, pause } from '../log/pause.ts'
import type { UnpackBudget } from '../log/unpack-budget.ts'
import { removeMembers } from './dead-members.ts'
import { startFetching } from './fetcher.ts'
import type { Brokers } from './leader.ts'
import type { LinkLogger } from './logger.ts'
import type { MemberName } from './member-name.ts'
import { type Assignment, groupMembership, type MembershipState } from './membership.ts'

/** `former`: the generation in which this member had its partitions; -1 where it has none. */
type ConsumerState =
  | { readonly kind: 'joining'; readonly former: number }
  | { readonly kind: 'member'; readonly generation: number }
  | { readonly kind: 'stopped'; readonly done: Promise<void> }

export type ConsumerOptions = {
  /** Connected under the member's name. */
  readonly brokers: Brokers
  /** A second set of connections, to remove ended members while this member joins. */
  readonly spareConnections: Brokers
  readonly member: Pick<MemberName, 'hasEnded' | 'isPredecessor'>
  readonly logger: LinkLogger
  readonly topic: string
  readonly group: string
  readonly budget: UnpackBudget
  readonly handler: ConsumerHandler
  readonly ended: () => void
}

/**
 * Dead after 6 s, the lowest session timeout that brokers allow by default. Heartbeats also report a rebalance, so they
 * are frequent.
 */
const TIMES = { sessionMs: 6000, rebalanceMs: 10_000 }
const HEARTBEAT_MS = 500
/** Milliseconds that a rebalance waits for the current batches, less than the session timeout. */
const HOLD_MS = 3000
const STOP_MS = 5000
/**
 * Milliseconds that a stop waits for a pending join. A member that ends before its join is answered cannot leave, and
 * the group waits for it as for a dead one.
 */
const JOIN_MS = 2000
/** Interval at which a pending join re-checks for dead members. */
const DEAD_MS = 1000

export const startConsumer = (options: ConsumerOptions): Consumer => {
  const { brokers, spareConnections, member, logger, topic, group, handler } = options
  const membership = groupMembership(brokers, topic, group, TIMES)
  const stopping = new AbortController()
  const queues = new Map<number, PartitionQueue>()
  const closing = new Map<number, Promise<void>>()
  const commits = new Map<number, number>()
  let lastSignMs = performance.now()
  let state: ConsumerState = { kind: 'joining', former: -1 }

  const enter = (next: ConsumerState): void => {
    if (state.kind !== 'stopped') state = next
  }

  const sign = (): void => {
    lastSignMs = performance.now()
  }

  const fetcher = startFetching({
    brokers,
    topic,
    queues: () => [...queues.values()],
    sign,
    logger,
    signal: stopping.signal,
  })

  const open = (partition: number): void => {
    const queue = openPartitionQueue(partition, {
      handler,
      changed: () => fetcher.wake(),
      progressed: (of, next) => {
        if (queues.get(of) === queue) commits.set(of, next)
      },
      failed: (of, what, error) =>
        logger.warn({ topic, partition: of, err: error }, `${what} was not taken; trying again`),
      pause,
      after: closing.get(partition) ?? Promise.resolve(),
      lease: options.budget.lease(),
    })
    queues.set(partition, queue)
  }

  const close = (partition: number): void => {
    const done = queues.get(partition)!.close()
    queues.delete(partition)
    commits.delete(partition)
    closing.set(partition, done)
    void done.then(() => closing.get(partition) === done && closing.delete(partition))
    handler.revoked(partition)
  }

  /**
   * Keeps the partitions that this member had in the previous generation and still has; another member may have had all
   * others.
   */
  const take = (assignment: Assignment, former: number): void => {
    const { generation } = assignment
    const unbroken = generation === former + 1
    for (const partition of [...queues.keys()])
      if (!unbroken || !assignment.partitions.includes(partition)) close(partition)
    for (const queue of queues.values()) queue.resume()
    for (const partition of assignment.partitions) if (!queues.has(partition)) open(partition)
    enter({ kind: 'member', generation })
    fetcher.wake()
    logger.info({ topic, group, generation, partitions: assignment.partitions }, 'partitions assigned')
  }

  const stay = async (): Promise<MembershipState> => {
    while (!stopping.signal.aborted) {
      await pause(HEARTBEAT_MS, stopping.signal)
      if (stopping.signal.aborted) break
      const standing = await membership.heartbeat()
      if (standing !== 'member') return standing
      sign()
      await flush()
    }
    return 'member'
  }

  const flush = async (): Promise<void> => {
    if (commits.size === 0) return
    const offsets = new Map(commits)
    commits.clear()
    await membership.commit(offsets).catch((error: unknown) => logger.debug({ err: error }, 'no commit'))
  }

  const hold = (ms: number): Promise<unknown> =>
    within(Promise.all([...queues.values()].map((queue) => queue.suspend())), ms)

  const abandon = (): void => {
    enter({ kind: 'joining', former: -1 })
    for (const partition of [...queues.keys()]) close(partition)
  }

  /** A member that only seems dead is removed once: two members that remove each other would never settle. */
  let hasRemoved = false
  /**
   * A group waits for dead members. Members that this host knows to be dead are therefore removed before a join and
   * during it.
   */
  const join = async (): Promise<Assignment> => {
    const isDead = hasRemoved ? member.hasEnded : member.isPredecessor
    const removed = await removeMembers(spareConnections, group, isDead, logger)
    hasRemoved ||= removed
    // A member that joins after a stop could not leave.
    stopping.signal.throwIfAborted()
    let isRemoving = false
    const timer = setInterval(() => {
      if (stopping.signal.aborted || isRemoving) return
      isRemoving = true
      void removeMembers(spareConnections, group, member.hasEnded, logger).finally(() => {
        isRemoving = false
      })
    }, DEAD_MS)
    return membership.join().finally(() => clearInterval(timer))
  }

  /**
   * Joins and heartbeats in a loop. One failed heartbeat is no loss: the coordinator reports the loss once it answers.
   */
  const belong = async (): Promise<void> => {
    for (let failures = 0; !stopping.signal.aborted; ) {
      try {
        if (state.kind === 'joining') {
          const { former } = state
          const assignment = await join()
          if (stopping.signal.aborted) return
          sign()
          take(assignment, former)
        }
        failures = 0
        const standing = await stay()
        if (standing === 'member') return
        logger.info({ topic, group, standing }, 'the group rebalances')
        if (standing === 'lost') abandon()
        else {
          if (state.kind === 'member') enter({ kind: 'joining', former: state.generation })
          await hold(HOLD_MS)
          await flush()
        }
      } catch (error) {
        logger.debug({ topic, group, err: error }, 'the group does not answer')
        await pause(backoff(failures++), stopping.signal)
      }
    }
  }
  const belonging = belong()

  const stop = async (): Promise<void> => {
    stopping.abort()
    await Promise.all([hold(STOP_MS), within(belonging, JOIN_MS)])
    await flush()
    await membership.leave().catch(() => {})
    abandon()
    brokers.connections.close()
    spareConnections.connections.close()
    await belonging
    options.ended()
  }

  return {
    silentMs: () => performance.now() - lastSignMs,
    recheck: (partition) => queues.get(partition)?.recheck(),
    stop: () => {
      if (state.kind === 'stopped') return state.done
      const done = stop()
      state = { kind: 'stopped', done }
      return done
    },
  }
}

const within = (work: Promise<unknown>, ms: number): Promise<unknown> => {
  const enough = new AbortController()
  return Promise.race([work, pause(ms, enough.signal)]).finally(() => enough.abort())
}
