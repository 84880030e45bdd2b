import type { PartitionView, ProjectionReader } from '../../consumers/ports/store.ts'
import type { StudentId } from '../../projections/values/ids.ts'
import { activeGeneration, parsePointer } from './active-generation.ts'
import { coalesceStudents } from './coalesce-students.ts'
import type { RedisClient, RedisConnection } from './connection.ts'
import { customRange, decodeCheckpoint, decodeLease, decodeScouted, identifiersOf } from './formats.ts'
import { type PartitionKeys, partitionKeys, scoutKeys, storeKeys } from './keys.ts'
import { partitionsReadAhead } from './read-ahead.ts'
import { partitionsRead, type Wanted } from './read-partitions.ts'
import type { RunScript } from './script.ts'

const emptyView = (partition: number): PartitionView => ({ generation: null, partition, checkpoint: null, lease: null })

export const redisReader = (
  { run, isCluster }: RedisConnection,
  runScript: RunScript,
  partitionCount: number,
): ProjectionReader => {
  const partitions = Array.from({ length: partitionCount }, (_, partition) => partition)
  const nobody: Wanted = new Map(partitions.map((partition) => [partition, []]))
  const atActive = activeGeneration()

  const readPartitions = (wanted: Wanted) =>
    run(async (client) => (await atActive(partitionsRead(client, isCluster, wanted))).value)

  const readAhead = (wanted: Wanted, marksOf: Wanted) =>
    run(async (client) => (await atActive(partitionsReadAhead(client, isCluster, runScript, wanted, marksOf))).value)

  /** Asks every partition of the active generation; no answers where no generation is active. */
  const askAll = <T>(ask: (client: RedisClient, keys: PartitionKeys, partition: number) => Promise<T>) =>
    run((client) =>
      atActive(async (generation) => {
        const asked = generation === null ? [] : partitions
        const [pointer, value] = await Promise.all([
          client.get(storeKeys.active),
          Promise.all(asked.map((partition) => ask(client, partitionKeys(generation!, partition), partition))),
        ])
        return { pointer: parsePointer(pointer), value }
      }),
    )

  return {
    student: coalesceStudents(readPartitions),
    studentAhead: coalesceStudents((wanted) => readAhead(wanted, wanted)),

    partitions: async () => Array.from((await readPartitions(nobody)).values(), ({ view }) => view),

    partitionsAhead: async (id) => {
      const everywhere: Wanted = new Map(partitions.map((partition) => [partition, [id]]))
      const reads = await readAhead(nobody, everywhere)
      return Array.from(reads.values(), ({ view, scouted }) => ({ ...view, scouted: scouted?.[0] ?? null }))
    },

    scouted: () =>
      run(async (client) => {
        const stored = await Promise.all(partitions.map((partition) => client.get(scoutKeys(partition).scouted)))
        return new Map(
          stored.flatMap((text, partition) => {
            const scouted = decodeScouted(text)
            return scouted ? [[partition, scouted] as const] : []
          }),
        )
      }),

    byCustom: async (custom) => {
      const { generation, value } = await askAll(async (client, keys, partition) => {
        const reply = await runScript(
          client,
          'find-custom',
          [keys.checkpoint, keys.lease, keys.custom],
          customRange(custom),
        )
        const [storedCheckpoint, storedLease, ...members] = reply as [string | null, string | null, ...string[]]
        const checkpoint = decodeCheckpoint(storedCheckpoint)
        const lease = decodeLease(storedLease, checkpoint)
        return { view: { partition, checkpoint, lease }, ids: identifiersOf(custom, members) }
      })
      if (generation === null) return { partitions: partitions.map(emptyView), ids: [] }
      return {
        partitions: value.map(({ view }) => ({ generation, ...view })),
        ids: value.flatMap(({ ids }) => ids),
      }
    },

    heartbeats: async () => {
      const youngest = new Map<string, number>()
      for (const entries of (await askAll((client, keys) => client.hgetall(keys.heartbeats))).value) {
        for (const [source, time] of Object.entries(entries))
          youngest.set(source, Math.max(Number(time), youngest.get(source) ?? Number(time)))
      }
      return youngest
    },

    misroutingSources: async () =>
      new Set((await askAll((client, keys) => client.smembers(keys.misrouting))).value.flat()),

    suspects: async (partition) => {
      const { value } = await run((client) =>
        atActive(async (generation) => {
          const [pointer, members] = await Promise.all([
            client.get(storeKeys.active),
            generation === null ? [] : client.smembers(partitionKeys(generation, partition).suspects),
          ])
          return { pointer: parsePointer(pointer), value: members }
        }),
      )
      return value as StudentId[]
    },
  }
}
