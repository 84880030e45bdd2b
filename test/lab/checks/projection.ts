import { partitionOf } from '../../../consumers/ports/partition.ts'
import type { ProjectionStore } from '../../../consumers/ports/projection-store.ts'
import type { PartitionView } from '../../../consumers/ports/store.ts'
import type { StudentId } from '../../../projections/values/ids.ts'
import type { Truth } from './truth.ts'

/** Whether every partition's checkpoint is at the log's end. */
export const isCaughtUp = (partitions: readonly PartitionView[], ends: ReadonlyMap<number, number>): boolean =>
  partitions.every(({ partition, checkpoint }) => (checkpoint?.next ?? 0) === ends.get(partition))

/** Every record, index and suspect of a projection that has caught up, against the truth. */
export const projectionFaults = async (truth: Truth, store: ProjectionStore): Promise<readonly string[]> => {
  const problems: string[] = []
  const generation = await store.admin.activeGeneration()
  if (generation === null) return truth.records.size === 0 ? [] : ['lost: there is no projection']
  const byPartition = Map.groupBy(truth.records.keys(), (id) => partitionOf(id, truth.log.length))
  for (const [partition, ids] of byPartition) {
    const stored = await store.writer.load(generation, partition, ids)
    ids.forEach((id, index) => {
      const bytes = stored[index]
      if (!bytes) problems.push(`lost: no record of a student of partition ${partition}`)
      else if (!truth.records.get(id)!.equals(bytes))
        problems.push(`wrong: a student's record of partition ${partition} is not what the log says`)
    })
    const suspects = ids.filter((id) => truth.versions.get(id)!.at(-1)!.answers.suspect)
    const known = await store.reader.suspects(partition)
    if ([...suspects].sort().join('\n') !== [...known].sort().join('\n'))
      problems.push(`wrong: partition ${partition} has other suspects than the log says`)
  }
  problems.push(...(await customFaults(truth, store)))
  const heard = await store.reader.heartbeats()
  for (const [source, times] of truth.heartbeats)
    if (heard.get(source) !== Math.max(...times))
      problems.push('wrong: the youngest heartbeat is not what the log says')
  return problems
}

const customFaults = async (truth: Truth, store: ProjectionStore): Promise<readonly string[]> => {
  const bearers = new Map<string, Set<StudentId>>()
  for (const [id, versions] of truth.versions)
    for (const { customIdentifier } of versions.at(-1)!.answers.enrolments)
      if (customIdentifier !== null) bearers.set(customIdentifier, (bearers.get(customIdentifier) ?? new Set()).add(id))
  const problems: string[] = []
  for (const [custom, ids] of bearers) {
    const found = await store.reader.byCustom(custom)
    if ([...found.ids].sort().join('\n') !== [...ids].sort().join('\n'))
      problems.push('wrong: the index of custom identifiers names others than the log says')
  }
  return problems
}

/** Every letter that the log calls for lies in the dead-letter topic, and no other; repetitions are allowed. */
export const letterFaults = (truth: Truth, written: ReadonlySet<string>): readonly string[] => [
  ...[...truth.letters].filter((letter) => !written.has(letter)).map((letter) => `lost: the dead letter ${letter}`),
  ...[...written].filter((letter) => !truth.letters.has(letter)).map((letter) => `wrong: a dead letter ${letter}`),
]
