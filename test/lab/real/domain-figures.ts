import { partitionOf } from '../../../consumers/ports/partition.ts'
import type { Truth } from '../checks/truth.ts'
import type { Away } from './faults.ts'
import { PARTITIONS } from './settings.ts'
import type { RealPull } from './traffic.ts'

/** Pulls while some partitions had no leader, and what happened once they had one again. */
export type DomainFigures = {
  /** Pulls on the other partitions that the projection answered, and those that it could not prove. */
  readonly healthyAnswered: number
  readonly healthyStale: number
  /** Milliseconds of the answered ones. */
  readonly healthyMs: readonly number[]
  /** Milliseconds from a known new leader until its partition was answered by the projection. */
  readonly victimsMs: readonly number[]
}

/** No wait for a victim is longer; the partition had no pull that could be answered. */
const VICTIMS_WATCHED_MS = 60_000

/**
 * Only faults that came alone are counted. Students of a source that misroutes need every partition, so they do not count. Neither do pulls that the projection
 * declines for the student's own sake, as of a suspect one.
 */
export const domainFigures = (
  aways: readonly Away[],
  pulls: readonly RealPull[],
  truth: Truth | null,
  misrouting: ReadonlySet<string>,
): DomainFigures => {
  const isAlone = ({ identifier }: RealPull): boolean => {
    if (identifier === null) return false
    const sources = truth?.versions.get(identifier)?.at(-1)?.answers.sources
    return sources?.every((source) => !misrouting.has(source)) ?? false
  }
  const alone = pulls.filter(isAlone)
  const homeOf = ({ identifier }: RealPull): number => partitionOf(identifier!, PARTITIONS)
  const timed = aways.filter((away) => away.isAlone)
  const healthy = timed.flatMap(({ lost, fromMs, knownMs }) =>
    alone.filter((one) => !lost.includes(homeOf(one)) && one.askedMs >= fromMs && one.askedMs <= knownMs),
  )
  const answered = healthy.filter(({ result }) => result.source === 'projection')
  const unproven = healthy.filter(({ result: { reason } }) => reason === 'stale')
  const victimsMs = timed.flatMap(({ lost, knownMs }) =>
    lost.flatMap((partition) => {
      const ends = alone
        .filter((one) => homeOf(one) === partition && one.result.source === 'projection')
        .map(({ askedMs, ms }) => askedMs + ms - knownMs)
        .filter((ms) => ms >= 0 && ms < VICTIMS_WATCHED_MS)
      return ends.length === 0 ? [] : [Math.min(...ends)]
    }),
  )
  return {
    healthyAnswered: answered.length,
    healthyStale: unproven.length,
    healthyMs: answered.map(({ ms }) => ms),
    victimsMs,
  }
}
