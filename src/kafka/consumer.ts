/**
 * A supervised member of a consumer group. Three things run side by side and none of them ends before `stop`: the
 * membership (join, heartbeats, join again), the fetch loops, and a queue per partition in hand. Every exchange has a
 * deadline and reconnects by itself, so a dead broker, a stuck join or a lost membership leads back to the same loop.
 *
 * A group cannot fence: a member that was stopped for a while may still have a batch in hand that another has taken
 * over. The store's compare-and-set decides between them, not this file.
 */

import type { Consumer, ConsumerHandler } from '../../consumers/ports/log.ts'
import { openPartitionQueue, type PartitionQueue } from '../log/partition-queue.ts'
import { backoff, pause } from '../log/pause.ts'
import { removeMembers } from './dead-members.ts'
import { startFetching } from './fetcher.ts'
import type { Brokers } from './leader.ts'
import type { LinkLogger } from './logger.ts'
import type { MemberName } from './member-name.ts'
import { type Assignment, groupMembership, type MembershipState } from './membership.ts'

export type ConsumerOptions = {
  /** Connects by the member's name. */
  readonly brokers: Brokers
  /** To take out members that have ended, while this one joins: a link of this consumer's own. */
  readonly spareConnections: Brokers
  readonly member: Pick<MemberName, 'hasEnded' | 'isPredecessor'>
  readonly logger: LinkLogger
  readonly topic: string
  readonly group: string
  readonly handler: ConsumerHandler
  readonly ended: () => void
}

/** Dead after 6 s, the least that brokers allow by default; heartbeats also tell of a rebalance, so they come often. */
const TIMES = { sessionMs: 6000, rebalanceMs: 10_000 }
const HEARTBEAT_MS = 500
/** How long a rebalance waits for the batches in hand, less than the session lasts. */
const HOLD_MS = 3000
const STOP_MS = 5000
/**
 * How long a stop waits for a join that is under way. A member that goes before it has its answer cannot leave, and the
 * group waits for it as for one that died.
 */
const JOIN_MS = 2000
/** How often a join that waits looks for whom it waits in vain. */
const DEAD_MS = 1000

export const startConsumer = (options: ConsumerOptions): Consumer => {
  const { brokers, spareConnections, member, logger, topic, group, handler } = options
  const membership = groupMembership(brokers, topic, group, TIMES)
  const stopping = new AbortController()
  const queues = new Map<number, PartitionQueue>()
  const closing = new Map<number, Promise<void>>()
  const commits = new Map<number, number>()
  let lastSignMs = performance.now()
  let generation = -1

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

  /** Keeps what was ours in the generation before and still is; everything else was or may have been somebody's. */
  const take = (assignment: Assignment): void => {
    const unbroken = assignment.generation === generation + 1
    for (const partition of [...queues.keys()])
      if (!unbroken || !assignment.partitions.includes(partition)) close(partition)
    for (const queue of queues.values()) queue.resume()
    for (const partition of assignment.partitions) if (!queues.has(partition)) open(partition)
    generation = assignment.generation
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
    within(Promise.all([...queues.values()].map((queue) => queue.hold())), ms)

  const abandon = (): void => {
    generation = -1
    for (const partition of [...queues.keys()]) close(partition)
  }

  /** Who only seems dead is taken out once: two that take each other for dead would never rest. */
  let hasRemoved = false
  /**
   * A group waits for members that died, so those that this host knows to be dead are taken out, before a join and while
   * it waits.
   */
  const join = async (): Promise<Assignment> => {
    const isDead = hasRemoved ? member.hasEnded : member.isPredecessor
    const removed = await removeMembers(spareConnections, group, isDead, logger)
    hasRemoved ||= removed
    // Nobody could leave for a member that joins behind the back of a stop.
    stopping.signal.throwIfAborted()
    let removing: Promise<unknown> | null = null
    const timer = setInterval(() => {
      if (stopping.signal.aborted) return
      removing ??= removeMembers(spareConnections, group, member.hasEnded, logger).finally(() => {
        removing = null
      })
    }, DEAD_MS)
    return membership.join().finally(() => clearInterval(timer))
  }

  /** Joins and stays, over and over. A heartbeat that finds nobody is no loss yet: the group tells once it is there. */
  const belong = async (): Promise<void> => {
    let joined = false
    for (let failures = 0; !stopping.signal.aborted; ) {
      try {
        if (!joined) {
          const assignment = await join()
          if (stopping.signal.aborted) return
          sign()
          take(assignment)
          joined = true
        }
        failures = 0
        const standing = await stay()
        if (standing === 'member') return
        joined = false
        logger.info({ topic, group, standing }, 'the group rebalances')
        if (standing === 'lost') abandon()
        else {
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

  let stopped: Promise<void> | null = null
  return {
    silentMs: () => performance.now() - lastSignMs,
    recheck: (partition) => queues.get(partition)?.recheck(),
    stop: () => {
      stopped ??= stop()
      return stopped
    },
  }
}

const within = (work: Promise<unknown>, ms: number): Promise<unknown> => {
  const enough = new AbortController()
  return Promise.race([work, pause(ms, enough.signal)]).finally(() => enough.abort())
}
