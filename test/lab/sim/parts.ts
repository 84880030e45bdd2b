import type { ProjectionStore } from '../../../consumers/ports/projection-store.ts'
import type { WriteResult } from '../../../consumers/ports/store.ts'
import type { MemoryLog } from '../../../src/memory/log.ts'
import type { MemoryStore } from '../../../src/memory/store.ts'
import { storeUnavailable } from '../../../src/store-unavailable.ts'
import type { Random } from '../../support/generate-random.ts'
import type { Counts } from '../counts.ts'
import type { SimBrokers } from './brokers.ts'
import type { Link, Network, ServerState } from './network.ts'
import type { Proc, SimTime } from './time.ts'

/** The servers' states, which the faults change. */
export type Servers = {
  readonly store: ServerState
  /** Reads are served, writes are refused: the disk or the memory is full. */
  storeIsFull: boolean
  /** How much longer a batch takes to be written: what comes meanwhile is a backlog. */
  slowApplyMs: number
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
  readonly brokers: SimBrokers
  /** Sources that the store once knew as misrouting, and since when (virtual milliseconds). */
  readonly misroutingSince: Map<string, number>
  /** What the store saw and must never see. */
  readonly violations: string[]
  /** Generations that were removed, and take no write any more. */
  readonly removed: Set<number>
}

const STORE_DEADLINE_MS = { gateway: 300, projector: 3000 } as const
const REMOVAL_DEADLINE_MS = 60_000

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
  const { writer, reader, admin, recentAnswers } = store

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
      loadAt: over(writer.loadAt),
      apply: over(async (write) => {
        if (servers.slowApplyMs > 0) await slowly(parts, servers.slowApplyMs)
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
    recentAnswers: {
      add: over(recentAnswers.add),
      heartbeat: over(recentAnswers.heartbeat),
      ended: over(recentAnswers.ended),
      recorders: over(recentAnswers.recorders),
    },
  }
}

const slowly = ({ time }: Parts, ms: number): Promise<void> =>
  new Promise((resolve) => time.at(ms, time.world, resolve))

/** A removal that hears nothing of its process any more does not go on. */
const inBites =
  ({ time, random }: Parts, proc: Proc, onRemoved: (keys: number) => unknown) =>
  (keys: number): Promise<void> =>
    new Promise((resolve) => {
      time.at(random.below(50), proc, () => void Promise.resolve(onRemoved(keys)).then(() => resolve()))
    })
