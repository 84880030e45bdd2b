import type { ConsumerHandler, Log } from '../../../consumers/ports/log.ts'
import { LogError } from '../../../consumers/ports/log-error.ts'
import type { ProjectionStore } from '../../../consumers/ports/projection-store.ts'
import type { WriteResult } from '../../../consumers/ports/store.ts'
import type { MemoryLog } from '../../../src/memory/log.ts'
import type { MemoryStore } from '../../../src/memory/store.ts'
import { storeUnavailable } from '../../../src/store-unavailable.ts'
import type { Random } from '../../support/generate-random.ts'
import type { Counts } from '../counts.ts'
import type { Link, Network, ServerState } from './network.ts'
import type { Proc, SimTime } from './time.ts'

/** The servers' states, which the faults change. */
export type Servers = {
  readonly store: ServerState
  /** Reads are served, writes are refused: the disk or the memory is full. */
  storeIsFull: boolean
  readonly log: ServerState
  /** Asking for the log's end, alone. */
  readonly ends: ServerState
  /** How probable it is that a batch is handed over again although it was done. */
  redelivery: number
  /** The partition of the log whose leader is away. */
  partitionAway: number | null
  /** The publisher that says that it is alive does not. */
  publisherIsSilent: boolean
  /** How often the store, or a part of it, went back or was emptied. */
  storeLosses: number
}

export type Parts = {
  readonly time: SimTime
  readonly random: Random
  readonly counts: Counts
  readonly net: Network
  readonly servers: Servers
  readonly store: MemoryStore
  readonly log: MemoryLog
  /** Sources that the store once knew as misrouting, and since when (virtual milliseconds). */
  readonly misroutingSince: Map<string, number>
  /** What the store saw and must never see. */
  readonly violations: string[]
  /** Generations that were removed, and take no write any more. */
  readonly removed: Set<number>
}

const STORE_DEADLINE_MS = { gateway: 300, projector: 3000 } as const
const LOG_DEADLINE_MS = 4000
const REMOVAL_DEADLINE_MS = 60_000

const logDown = () => new LogError('unavailable', 'the log does not answer')

/** The store as one process sees it: every call over the network. */
export const storeOf = (parts: Parts, proc: Proc, role: 'gateway' | 'projector'): ProjectionStore => {
  const { net, servers, store, counts, time, misroutingSince, violations, removed } = parts
  const link: Link = {
    server: servers.store,
    deadlineMs: STORE_DEADLINE_MS[role],
    unavailable: () => storeUnavailable('the simulation says so'),
    name: 'store',
  }
  const over =
    <A extends unknown[], T>(method: (...args: A) => Promise<T>, what?: string) =>
    (...args: A): Promise<T> =>
      net.call(proc, link, () => method(...args), what)
  const { writer, reader, admin } = store

  const writing = async (write: () => Promise<WriteResult>, what: string): Promise<WriteResult> => {
    if (servers.storeIsFull) {
      counts.add('store: refused a write for lack of memory')
      throw storeUnavailable('out of memory')
    }
    const result = await write()
    counts.add(`${what}: ${result.kind}`)
    return result
  }
  return {
    writer: {
      checkpoint: over(writer.checkpoint),
      load: over(writer.load),
      apply: over(async (write) => {
        const before = await writer.checkpoint(write.generation, write.partition)
        const result = await writing(() => writer.apply(write), 'apply')
        // Nobody but a fault may take a partition back: what was applied since then would be applied once more.
        if (result.kind === 'applied' && before !== null && before.next > write.checkpoint.next)
          violations.push(`doubled: a write took partition ${write.partition} back`)
        if (result.kind === 'applied')
          for (const source of write.misrouting)
            if (!misroutingSince.has(source)) misroutingSince.set(source, time.now())
        return result
      }, 'apply'),
      clockMs: over(writer.clockMs),
      lease: over((...args) => writing(() => writer.lease(...args), 'lease')),
      suspectCount: over(writer.suspectCount),
      scout: over(async (report) => {
        const outcome = await writer.scout(report)
        counts.add(`scout: ${outcome.kind}`)
        return outcome
      }, 'scout'),
      scouted: over(writer.scouted),
      forgetScouted: over(async (partition) => {
        counts.add('scout: forgotten')
        return writer.forgetScouted(partition)
      }, 'scout'),
    },
    reader: {
      student: over(reader.student),
      studentAhead: over(reader.studentAhead),
      partitionsAhead: over(reader.partitionsAhead),
      scouted: over(reader.scouted),
      byCustom: over(reader.byCustom),
      partitions: over(reader.partitions),
      heartbeats: over(reader.heartbeats),
      misroutingSources: over(reader.misroutingSources),
      suspects: over(reader.suspects),
    },
    admin: {
      ...admin,
      activeGeneration: over(admin.activeGeneration),
      activate: over(admin.activate),
      newGeneration: over(admin.newGeneration),
      generations: over(admin.generations),
      beginBuild: over(admin.beginBuild),
      holdBuild: over(admin.holdBuild),
      releaseBuild: over(admin.releaseBuild),
      claim: over(admin.claim),
      students: over(admin.students),
      removeGeneration: (generation, onRemoved = () => {}) =>
        net.call(proc, { ...link, deadlineMs: REMOVAL_DEADLINE_MS }, async () => {
          const losses = servers.storeLosses
          const isGone = await admin.removeGeneration(generation, inBites(parts, proc, onRemoved))
          if (isGone && servers.storeLosses === losses) removed.add(generation)
          return isGone
        }),
    },
  }
}

/** A removal that hears nothing of its process any more does not go on. */
const inBites =
  ({ time, random }: Parts, proc: Proc, onRemoved: (keys: number) => unknown) =>
  (keys: number): Promise<void> =>
    new Promise((resolve) => {
      time.at(random.below(50), proc, () => void Promise.resolve(onRemoved(keys)).then(() => resolve()))
    })

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
    ends: over(ifUp(ifThere(log.ends)), ends),
    domains: log.domains,
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
    close: async () => {},
  }
}

const NEVER_DOWN: ServerState = { down: 'no', loss: 0 }

/** In the order in which the group says it; a process that is gone answers nothing, one that is paused answers later. */
const handlerIn = (parts: Parts, proc: Proc, handler: ConsumerHandler): ConsumerHandler => {
  const { time, random, counts, servers } = parts
  const inProcess = <T>(ask: () => Promise<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      time.at(0, proc, () => {
        const answer = (settle: () => void) => void time.at(0, time.world, settle)
        ask().then(
          (value) => answer(() => resolve(value)),
          (error) => answer(() => reject(error)),
        )
      })
    })
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
