import type { Log, LogEnd } from '../ports/log.ts'
import type { ProjectionWriter } from '../ports/store.ts'
import { decodeMetadata } from '../stored/checkpoint-metadata.ts'
import type { CheckpointView } from '../stored/checkpoint-view.ts'
import type { ProjectorObserver } from './observer.ts'

export type PartitionProofDeps = {
  readonly log: Log
  readonly store: ProjectionWriter
  readonly topic: string
  /** As many as are configured. */
  readonly partitions: number
  readonly observer: ProjectorObserver
  readonly boundMs: number
  /** Milliseconds, monotonic. */
  readonly now: () => number
  /** False while settings of log or store forbid every proof. */
  readonly mayProve: () => boolean
  /** A partition's checkpoint, as its worker believes it; `null` while it does not know. */
  readonly checkpoint: (partition: number) => CheckpointView | null
  /** The same while a write is on its way: what is applied at least. */
  readonly latest: (partition: number) => CheckpointView | null
  readonly recheck: (partition: number) => void
}

/** An end of the log that was asked for, and is not reached yet. */
type Asked = { readonly end: LogEnd; readonly clockMs: number; readonly began: number }

/**
 * Proves partitions of one failure domain and renews their leases. The store's clock is read first, then the log is asked:
 * so a proof is never dated later than its end. A shard of the store that is away costs its own partitions only.
 */
export const partitionProver = (deps: PartitionProofDeps): ((partitions: readonly number[]) => Promise<void>) => {
  const provenAt = new Map<number, number>()
  const asked = new Map<number, Asked>()
  const comparedAt = new Map<number, number>()

  const proveOne = async (
    partition: number,
    end: LogEnd | undefined,
    clockMs: number,
    began: number,
  ): Promise<void> => {
    const at = deps.latest(partition)
    if (end === undefined || at === null) return
    deps.observer.lag(partition, Math.max(0, end.next - at.next))
    if (end.identity === at.metadata.identity && end.partitions === deps.partitions) {
      const now: Asked = { end, clockMs, began }
      const passed = reached(at, now, asked.get(partition))
      const mayProve = passed !== null && deps.mayProve()
      if (!mayProve || began - (comparedAt.get(partition) ?? Number.NEGATIVE_INFINITY) >= COMPARE_MS) {
        await compare(deps, partition, at)
        comparedAt.set(partition, began)
      }
      if (mayProve && (await prove(deps, partition, at, passed))) provenAt.set(partition, passed.began)
      // On a busy partition an end is reached when the next batch is beyond it; the end is kept until then.
      const before = asked.get(partition)
      if (!before || before.end.identity !== end.identity || at.next >= before.end.next) asked.set(partition, now)
    } else if (deps.checkpoint(partition)?.next === at.next) deps.recheck(partition)
    const proven = provenAt.get(partition)
    if (proven !== undefined) deps.observer.fresh(partition, deps.now() - proven)
  }

  return async (partitions) => {
    const began = deps.now()
    const clocks = await Promise.allSettled(
      partitions.map((partition) => deps.store.clockMs(deps.latest(partition)?.generation ?? 0, partition)),
    )
    const ends = await deps.log.ends(deps.topic, partitions)
    const proofs = await Promise.allSettled(
      partitions.map(async (partition, index) => {
        const clock = clocks[index]!
        if (clock.status === 'rejected') throw clock.reason
        await proveOne(partition, ends.get(partition), clock.value, began)
      }),
    )
    const failed = proofs.find((proof) => proof.status === 'rejected')
    if (failed) throw failed.reason
  }
}
/** The youngest of the ends that the partition has reached. */
const reached = ({ next }: CheckpointView, now: Asked, before: Asked | undefined): Asked | null => {
  if (next >= now.end.next) return now
  return before && before.end.identity === now.end.identity && next >= before.end.next ? before : null
}

const prove = async (deps: PartitionProofDeps, partition: number, at: CheckpointView, end: Asked): Promise<boolean> => {
  const proof = { next: at.next, provenAtMs: end.clockMs }
  const result = await deps.store.lease(at.generation, partition, proof, deps.boundMs)
  if (result.kind === 'applied') return true
  // A write on its way explains it; else the store is not what the worker believes.
  if (deps.checkpoint(partition)?.next === at.next) deps.recheck(partition)
  return false
}

/**
 * How often the stored checkpoint is read where leases succeed. A lease compares the offset alone. A store that lost the
 * write after an election has the same offset under the former identity, and readers would find it stale for ever.
 */
const COMPARE_MS = 2000

/** Without a possible proof (an open transaction, a backlog), a store that went back in time must still be detected. */
const compare = async (deps: PartitionProofDeps, partition: number, at: CheckpointView): Promise<void> => {
  const stored = await deps.store.checkpoint(at.generation, partition)
  const isSame = stored?.next === at.next && decodeMetadata(stored.metadata).identity === at.metadata.identity
  const believed = deps.checkpoint(partition)
  // A write on its way explains a difference.
  if (!isSame && believed?.next === at.next && believed.metadata.identity === at.metadata.identity)
    deps.recheck(partition)
}
