import type { ConsumerHandler, FollowHandler, Log } from '../../../consumers/ports/log.ts'
import { LogError } from '../../../consumers/ports/log-error.ts'
import { openCluster } from '../../../src/kafka/cluster.ts'
import { offsetLookups } from '../../../src/kafka/offsets.ts'
import { connectionsTo } from './brokers.ts'
import type { Link, ServerState } from './network.ts'
import type { Parts } from './parts.ts'
import type { Proc } from './time.ts'

const LOG_DEADLINE_MS = 4000
const ENDS_DEADLINE_MS = 1000

const logDown = () => new LogError('unavailable', 'the log does not answer')

/** What the driver of the faults may do to a process's membership of the group. */
export type Membership = {
  /** The group takes its partitions away; it does not hear of it before it can. */
  readonly evict: () => Promise<void>
  readonly rejoin: () => Promise<void>
  readonly isIn: () => boolean
}

/** The log as one process sees it; its consumer's handler runs in that process and nowhere else. */
export const logOf = (parts: Parts, proc: Proc, joined: (membership: Membership) => void = () => {}): Log => {
  const { net, servers, log, counts } = parts
  const link: Link = { server: servers.log, deadlineMs: LOG_DEADLINE_MS, unavailable: logDown, name: 'log' }
  const over =
    <A extends unknown[], T>(method: (...args: A) => Promise<T>, on = link, what?: string) =>
    (...args: A): Promise<T> =>
      net.call(proc, on, () => method(...args), what)
  const ends: Link = { ...link, server: servers.ends, name: 'ends' }
  const lookups = lookupsOf(parts, proc, ends)
  const ifUp =
    <A extends unknown[], T>(method: (...args: A) => Promise<T>) =>
    (...args: A): Promise<T> =>
      servers.log.down === 'no' ? method(...args) : Promise.reject(logDown())
  const refuseIfAway = (partitions: readonly number[]): void => {
    if (servers.partitionAway === null || !partitions.includes(servers.partitionAway)) return
    counts.add('log: refused a partition')
    throw logDown()
  }
  const ifThere =
    <T>(method: (topic: string, partitions: readonly number[]) => Promise<T>) =>
    async (topic: string, partitions: readonly number[]): Promise<T> => {
      refuseIfAway(partitions)
      return method(topic, partitions)
    }
  return {
    describe: over(log.describe),
    ensureTopics: over(log.ensureTopics),
    endOffsets: over(ifUp(ifThere(log.endOffsets)), ends),
    ends: ifUp(ifThere(lookups.ends)),
    domains: lookups.domains,
    startOffsets: over(ifThere(log.startOffsets)),
    read: over(async (topic, partition, ...rest) => {
      refuseIfAway([partition])
      return log.read(topic, partition, ...rest)
    }),
    append: over(
      async (records) => {
        refuseIfAway(records.map(({ partition }) => partition))
        return log.append(records)
      },
      link,
      'append',
    ),
    consume: async (topic, group, handler) => {
      const inProcess = handlerIn(parts, proc, handler)
      let membership = await log.consume(topic, group, inProcess)
      let isIn = true
      let isOver = false
      const evict = async (): Promise<void> => {
        if (!isIn) return
        isIn = false
        await membership.stop()
      }
      joined({
        evict,
        rejoin: async () => {
          if (isIn || isOver || !proc.alive) return
          isIn = true
          membership = await log.consume(topic, group, inProcess)
        },
        isIn: () => isIn,
      })
      return {
        silentMs: () => 0,
        recheck: (partition) => membership.recheck(partition),
        stop: () => {
          isOver = true
          return net.call(proc, { ...link, server: NEVER_DOWN, deadlineMs: 60_000 }, evict)
        },
      }
    },
    follow: (topic, handler) => {
      const follower = log.follow(topic, followingIn(parts, proc, handler))
      const stop = () => net.call(proc, { ...link, server: NEVER_DOWN, deadlineMs: 60_000 }, follower.stop)
      return { ...follower, stop }
    },
    close: async () => {},
  }
}

/** The product's own look-ups and knowledge of the cluster, on simulated brokers. */
const lookupsOf = ({ net, brokers }: Parts, proc: Proc, link: Link) => {
  const connections = connectionsTo(brokers, (untilMs, exchange) =>
    net.call(proc, { ...link, deadlineMs: Math.max(1, untilMs - performance.now()) }, exchange),
  )
  return offsetLookups({ cluster: openCluster(connections), connections }, ENDS_DEADLINE_MS)
}

const NEVER_DOWN: ServerState = { down: 'no', loss: 0 }

/** In that process's time: one that is gone answers nothing, one that is paused answers later. */
const askIn =
  ({ time }: Parts, proc: Proc) =>
  <T>(ask: () => Promise<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      time.at(0, proc, () => {
        const answer = (settle: () => void) => void time.at(0, time.world, settle)
        ask().then(
          (value) => answer(() => resolve(value)),
          (error) => answer(() => reject(error)),
        )
      })
    })

const followingIn = (parts: Parts, proc: Proc, handler: FollowHandler): FollowHandler => {
  const inProcess = askIn(parts, proc)
  return {
    assigned: (partition) => inProcess(() => handler.assigned(partition)),
    batch: (batch) => inProcess(() => handler.batch(batch)),
  }
}

/** In the order in which the group says it. */
const handlerIn = (parts: Parts, proc: Proc, handler: ConsumerHandler): ConsumerHandler => {
  const { time, random, counts, servers } = parts
  const inProcess = askIn(parts, proc)
  const inHand = new Set<number>()
  return {
    assigned: (partition) => inProcess(() => handler.assigned(partition)),
    revoked: (partition) => {
      if (inHand.has(partition)) counts.add('rebalance: in the middle of a batch')
      time.at(0, proc, () => handler.revoked(partition))
    },
    batch: (batch) => {
      inHand.add(batch.partition)
      return inProcess(async () => {
        const verdict = await handler.batch(batch)
        if (verdict.kind !== 'next' || !random.chance(servers.redelivery)) return verdict
        counts.add('batch: delivered again')
        throw new Error('the batch was done, but nobody heard of it')
      }).finally(() => inHand.delete(batch.partition))
    },
  }
}
