import type { Log } from '../../consumers/ports/log.ts'
import { LogError } from '../../consumers/ports/log-error.ts'
import type { ProjectionWriter } from '../../consumers/ports/store.ts'
import type { Builder } from './builder.ts'

export type LagDeps = {
  readonly log: Pick<Log, 'ends'>
  readonly store: Pick<ProjectionWriter, 'checkpoint'>
  readonly topic: string
  readonly partitions: number
  readonly builder: Builder
  readonly now: () => number
  readonly sleep: (ms: number) => Promise<void>
  readonly signal: AbortSignal
}

/** The range of each partition that remains to be read. */
export const lagBehind = async ({
  log,
  topic,
  partitions,
  builder,
}: LagDeps): Promise<ReadonlyMap<number, { readonly from: number; readonly to: number }>> => {
  const numbers = Array.from({ length: partitions }, (_, partition) => partition)
  const ends = await log.ends(topic, numbers)
  return new Map(
    numbers.map((partition) => {
      const from = builder.nexts().get(partition) ?? 0
      const end = ends.get(partition)
      if (end === undefined) throw new LogError('unavailable', `partition ${partition} does not tell its end`)
      return [partition, { from, to: Math.max(from, end.next) }]
    }),
  )
}

/** Projectors read the pointer at least twice a second. */
const HELP_MS = 2000
const LOOK_MS = 50

/**
 * Runs after the switch until the projectors have followed. It applies what no projector has applied since the last
 * check, so that pulls see no gap.
 */
export const helpOver = async (deps: LagDeps, generation: number): Promise<void> => {
  const { store, builder, now, sleep, signal } = deps
  const until = now() + HELP_MS
  const seen = new Map<number, number>()
  while (now() < until && !signal.aborted) {
    try {
      for (const [partition, { to }] of await lagBehind(deps)) {
        const next = (await store.checkpoint(generation, partition))?.next ?? to
        if (next < to && seen.get(partition) === next) await builder.reach(partition, to)
        seen.set(partition, next)
      }
    } catch {
      // The projectors apply what is missing.
    }
    await sleep(LOOK_MS)
  }
}
