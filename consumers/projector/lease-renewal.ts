import type { Log, LogEnd } from '../ports/log.ts'
import type { ProjectionWriter } from '../ports/store.ts'
import type { CheckpointView } from '../stored/checkpoint-view.ts'
import type { ProjectorObserver } from './observer.ts'

export type LeaseRenewalDeps = {
  readonly log: Log
  readonly store: ProjectionWriter
  readonly topic: string
  /** As many as are configured. */
  readonly partitions: number
  /** What is wrong with the topic's settings: then its log is broken. */
  readonly topicProblem: () => string | null
  readonly observer: ProjectorObserver
  readonly boundMs: number
  /** Milliseconds, monotonic. */
  readonly now: () => number
  /** Turns to the active generation, where that is another one by now. */
  readonly follow: () => Promise<unknown>
  /** False while settings of log or store forbid every proof. */
  readonly mayProve: () => boolean
  readonly owned: () => readonly number[]
  /** Parked, because the log does not go on there. */
  readonly broken: () => readonly number[]
  /** A partition's place, as its worker believes it; `null` while it does not know. */
  readonly checkpoint: (partition: number) => CheckpointView | null
  /** The same while a write is on its way: what is applied at least. */
  readonly latest: (partition: number) => CheckpointView | null
  readonly recheck: (partition: number) => void
}

export type LeaseRenewal = { readonly stop: () => Promise<void> }

/** Each count is a call to the store, and an idle projector is to cost next to nothing. */
const SUSPECTS_EVERY_MS = 2000
/** How often a parked partition is looked at again: a log may have seemed broken while a broker came back. */
const PARKED_EVERY_MS = 5000

/**
 * Goes round the owned partitions: proves that all of the log is applied, dated before the log was asked, and renews the
 * lease. The lease compares the checkpoint: one that is not what the worker believes sends the partition back to the
 * store. A log that is not the one that the worker has looked at sends it back to the log.
 */
export const startLeaseRenewal = (deps: LeaseRenewalDeps): LeaseRenewal => {
  const everyMs = Math.max(50, Math.min(500, Math.floor(deps.boundMs / 5)))
  const provenAt = new Map<number, number>()
  const asked = new Map<number, Asked>()
  let parkedAt = deps.now()
  let countedAt = Number.NEGATIVE_INFINITY
  let stopped = false
  let timer: NodeJS.Timeout | null = null
  let round: Promise<void> = Promise.resolve()

  const goRound = async (): Promise<void> => {
    const broken = deps.broken()
    const lookAgain = deps.now() - parkedAt >= PARKED_EVERY_MS
    if (broken.length === 0 || lookAgain) parkedAt = deps.now()
    if (lookAgain) for (const partition of broken) deps.recheck(partition)
    // Their workers stop where the settings are wrong.
    if (deps.topicProblem() !== null) for (const partition of deps.owned()) deps.recheck(partition)
    await proveAll(deps, provenAt, asked)
    if (deps.now() - countedAt < SUSPECTS_EVERY_MS) return
    countedAt = deps.now()
    await countSuspects(deps)
  }

  const go = (): void => {
    round = deps
      .follow()
      .then(goRound)
      .catch((error) => deps.observer.failed('watch', error))
      .then(() => {
        if (!stopped) timer = setTimeout(go, everyMs)
      })
  }
  go()
  return {
    stop: async () => {
      stopped = true
      if (timer) clearTimeout(timer)
      await round
    },
  }
}

/** An end of the log that was asked for, and is not reached yet. */
type Asked = { readonly end: LogEnd; readonly clockMs: number; readonly began: number }

const proveAll = async (
  deps: LeaseRenewalDeps,
  provenAt: Map<number, number>,
  asked: Map<number, Asked>,
): Promise<void> => {
  const partitions = deps.owned().filter((partition) => deps.latest(partition) !== null)
  if (partitions.length === 0) return
  const began = deps.now()
  const clocks = await Promise.all(
    partitions.map((partition) => deps.store.clockMs(deps.latest(partition)?.generation ?? 0, partition)),
  )
  const ends = await deps.log.ends(deps.topic, partitions)
  await Promise.all(
    partitions.map(async (partition, index) => {
      const [ending, at] = [ends.get(partition), deps.latest(partition)]
      if (ending === undefined || at === null) return
      deps.observer.lag(partition, Math.max(0, ending.next - at.next))
      if (ending.identity === at.metadata.identity && ending.partitions === deps.partitions) {
        const now: Asked = { end: ending, clockMs: clocks[index]!, began }
        const end = reached(at, now, asked.get(partition))
        if (end === null || !deps.mayProve()) await compare(deps, partition, at)
        else if (await prove(deps, partition, at, end)) provenAt.set(partition, end.began)
        // On a partition that never rests, an end is reached when the next ones lie beyond it: it is kept until then.
        const before = asked.get(partition)
        if (!before || before.end.identity !== ending.identity || at.next >= before.end.next) asked.set(partition, now)
      } else if (deps.checkpoint(partition)?.next === at.next) deps.recheck(partition)
      const proven = provenAt.get(partition)
      if (proven !== undefined) deps.observer.fresh(partition, deps.now() - proven)
    }),
  )
}

/** The youngest of the ends that the partition has reached. */
const reached = ({ next }: CheckpointView, now: Asked, before: Asked | undefined): Asked | null => {
  if (next >= now.end.next) return now
  return before && before.end.identity === now.end.identity && next >= before.end.next ? before : null
}

const prove = async (deps: LeaseRenewalDeps, partition: number, at: CheckpointView, end: Asked): Promise<boolean> => {
  const proof = { next: at.next, provenAtMs: end.clockMs }
  const result = await deps.store.lease(at.generation, partition, proof, deps.boundMs)
  if (result.kind === 'applied') return true
  // A write on its way explains it; else the store is not what the worker believes.
  if (deps.checkpoint(partition)?.next === at.next) deps.recheck(partition)
  return false
}

/** Nothing can be proven (an open transaction, a backlog); a store that went back in time is to be noticed all the same. */
const compare = async (deps: LeaseRenewalDeps, partition: number, at: CheckpointView): Promise<void> => {
  const stored = await deps.store.checkpoint(at.generation, partition)
  if (stored?.next !== at.next && deps.checkpoint(partition)?.next === at.next) deps.recheck(partition)
}

const countSuspects = async ({ owned, checkpoint, store, observer }: LeaseRenewalDeps): Promise<void> => {
  await Promise.all(
    owned().map(async (partition) => {
      const generation = checkpoint(partition)?.generation
      if (generation !== undefined) observer.suspects(partition, await store.suspectCount(generation, partition))
    }),
  )
}
