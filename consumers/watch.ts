import type { ProjectionWriter } from '../projections/store.ts'
import type { Log } from './log.ts'
import type { ProjectorObserver } from './observer.ts'
import type { Place } from './place.ts'

export type WatchDeps = {
  readonly log: Log
  readonly store: ProjectionWriter
  readonly topic: string
  readonly observer: ProjectorObserver
  readonly boundMs: number
  /** Milliseconds, monotonic. */
  readonly now: () => number
  /** Turns to the active generation, where that is another one by now. */
  readonly follow: () => Promise<unknown>
  readonly owned: () => readonly number[]
  /** Parked, because the log does not go on there. */
  readonly broken: () => readonly number[]
  /** A partition's place, as its worker believes it; `null` while it does not know. */
  readonly place: (partition: number) => Place | null
  readonly recheck: (partition: number) => void
}

export type Watch = { readonly stop: () => Promise<void> }

/** Each count is a call to the store, and an idle projector is to cost next to nothing. */
const SUSPECTS_EVERY_MS = 2000
/** How often a parked partition is looked at again: a log may have seemed broken while a broker came back. */
const PARKED_EVERY_MS = 5000

/**
 * Goes round the owned partitions: proves that all of the log is applied, dated before the log was asked, and renews the
 * lease. The lease compares the checkpoint: one that is not what the worker believes sends the partition back to the
 * store. A log that is not the one that the worker has looked at sends it back to the log.
 */
export const startWatch = (deps: WatchDeps): Watch => {
  const everyMs = Math.max(50, Math.min(500, Math.floor(deps.boundMs / 5)))
  const provenAt = new Map<number, number>()
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
    await proveAll(deps, provenAt)
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

const proveAll = async (deps: WatchDeps, provenAt: Map<number, number>): Promise<void> => {
  const places = deps.owned().flatMap((partition) => {
    const place = deps.place(partition)
    return place ? [{ partition, place }] : []
  })
  if (places.length === 0) return
  const began = deps.now()
  const [{ place: first }] = places as [(typeof places)[0]]
  const clocks = await Promise.all(places.map(({ partition }) => deps.store.clockMs(first.generation, partition)))
  const ends = await deps.log.ends(
    deps.topic,
    places.map(({ partition }) => partition),
  )
  await Promise.all(
    places.map(async ({ partition, place }, index) => {
      const end = ends.get(partition)
      if (end === undefined) return
      const { generation, next, tail } = place
      const stands = (): boolean => deps.place(partition)?.next === next
      deps.observer.lag(partition, Math.max(0, end.next - next))
      if (end.identity !== tail.identity) {
        if (stands()) deps.recheck(partition)
      } else if (next >= end.next) {
        const proof = { next, provenAtMs: clocks[index]! }
        const result = await deps.store.lease(generation, partition, proof, deps.boundMs)
        if (result.kind === 'applied') provenAt.set(partition, began)
        else if (stands()) deps.recheck(partition)
      }
      const proven = provenAt.get(partition)
      if (proven !== undefined) deps.observer.fresh(partition, deps.now() - proven)
    }),
  )
}

const countSuspects = async ({ owned, place, store, observer }: WatchDeps): Promise<void> => {
  await Promise.all(
    owned().map(async (partition) => {
      const generation = place(partition)?.generation
      if (generation !== undefined) observer.suspects(partition, await store.suspectCount(generation, partition))
    }),
  )
}
