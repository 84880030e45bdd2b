import type { Engine } from '../../consumers/ports/engine.ts'
import type { PartitionReading, ProjectionView } from '../status/projection-view.ts'

const MAX_AGE_MS = 2000

/**
 * The projection's state, read from store and log alone, so that a gateway without a projector can show it. Callers
 * within two seconds share one read; rejects where the store does not answer.
 */
export const projectionView = (
  { log, store }: Engine,
  topic: string,
  now: () => number,
): (() => Promise<ProjectionView>) => {
  /** When this process last saw a living lease of a partition, and when it last saw that or a step of its checkpoint. */
  const provenAt = new Map<number, number>()
  const aliveAt = new Map<number, number>()
  const steps = new Map<number, number>()
  let last: { readonly atMs: number; readonly view: Promise<ProjectionView> } | null = null

  const ageOf = (at: number | undefined): number | null => (at === undefined ? null : (now() - at) / 1000)

  const read = async (): Promise<ProjectionView> => {
    const views = await store.reader.partitions()
    const ends = await log
      .ends(
        topic,
        views.map(({ partition }) => partition),
      )
      .catch(() => new Map())
    const partitions = views.map(({ partition, checkpoint, lease }): PartitionReading => {
      const next = checkpoint?.next ?? 0
      if (lease !== null) provenAt.set(partition, now())
      if (lease !== null || next > (steps.get(partition) ?? next)) aliveAt.set(partition, now())
      steps.set(partition, next)
      const end = ends.get(partition)
      return {
        partition,
        lag: end === undefined ? 0 : Math.max(0, end.next - next),
        freshAgeSeconds: ageOf(provenAt.get(partition)),
        aliveAgeSeconds: ageOf(aliveAt.get(partition)),
      }
    })
    const generation = views[0]?.generation ?? null
    const counts =
      generation === null
        ? []
        : await Promise.all(views.map(({ partition }) => store.writer.suspectCount(generation, partition)))
    return { partitions, suspects: counts.reduce((total, count) => total + count, 0) }
  }

  return () => {
    if (last === null || now() - last.atMs > MAX_AGE_MS) {
      const view = read()
      last = { atMs: now(), view }
      view.catch(() => {
        last = null
      })
    }
    return last.view
  }
}
