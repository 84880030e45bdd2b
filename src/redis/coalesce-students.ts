import type { StudentView } from '../../consumers/ports/store.ts'
import type { StudentId } from '../../projections/values/ids.ts'
import type { PartitionRead, Wanted } from './read-partitions.ts'

type StudentQuestion = {
  readonly partition: number
  readonly id: StudentId
  readonly resolve: (view: StudentView) => void
  readonly reject: (error: unknown) => void
}

/** Larger batches are split, because Redis serves no other client during one MGET. */
const maxBatch = 512

/**
 * Combines the calls of one event-loop turn into one read. The immediate runs right after the poll phase that received
 * the requests, so no call waits for a timer or for other calls.
 */
export const coalesceStudents = (read: (wanted: Wanted) => Promise<ReadonlyMap<number, PartitionRead>>) => {
  let waiting: StudentQuestion[] = []

  const answer = async (batch: readonly StudentQuestion[]) => {
    const wanted = new Map<number, StudentId[]>()
    const places = batch.map(({ partition, id }) => {
      const ids = wanted.get(partition)
      if (ids === undefined) wanted.set(partition, [id])
      else ids.push(id)
      return (ids?.length ?? 1) - 1
    })
    try {
      const reads = await read(wanted)
      for (const [i, { partition, resolve }] of batch.entries()) {
        const { view, records, scouted } = reads.get(partition)!
        const place = places[i]!
        const record = records[place] ?? null
        resolve(scouted ? { ...view, record, scouted: scouted[place] ?? null } : { ...view, record })
      }
    } catch (error) {
      for (const { reject } of batch) reject(error)
    }
  }

  const flush = () => {
    const asked = waiting
    waiting = []
    for (let from = 0; from < asked.length; from += maxBatch) void answer(asked.slice(from, from + maxBatch))
  }

  return (partition: number, id: StudentId): Promise<StudentView> =>
    new Promise((resolve, reject) => {
      if (waiting.length === 0) setImmediate(flush)
      waiting.push({ partition, id, resolve, reject })
    })
}
