import type { ScoutedForStudent } from '../../consumers/ports/scouted.ts'
import type { StudentId } from '../../projections/values/ids.ts'
import type { AssumedRead } from './active-generation.ts'
import type { RedisClient } from './connection.ts'
import { decodeScouted, decodeScoutProof } from './formats.ts'
import { scoutKeys } from './keys.ts'
import { type PartitionRead, partitionsRead, type Wanted } from './read-partitions.ts'
import type { RunScript } from './script.ts'

/**
 * The same read with the range scanned ahead and the marks of some students. One script reads a partition's range and
 * marks before its checkpoint and records. All commands are sent at once, and one connection serves them in order.
 */
export const partitionsReadAhead =
  (
    client: RedisClient,
    isCluster: boolean,
    runScript: RunScript,
    wanted: Wanted,
    marksOf: Wanted,
  ): AssumedRead<ReadonlyMap<number, PartitionRead>> =>
  async (generation) => {
    const asked = Array.from(marksOf, ([partition, ids]) => readScouted(client, runScript, partition, ids))
    const [{ pointer, value }, scouted] = await Promise.all([
      partitionsRead(client, isCluster, wanted)(generation),
      Promise.all(asked),
    ])
    const found = new Map([...marksOf.keys()].map((partition, index) => [partition, scouted[index]!]))
    const withScouted = Array.from(
      value,
      ([partition, read]) => [partition, { ...read, scouted: found.get(partition) ?? [] }] as const,
    )
    return { pointer, value: new Map(withScouted) }
  }

/** One entry for each student, in the order of `ids`. */
const readScouted = async (
  client: RedisClient,
  runScript: RunScript,
  partition: number,
  ids: readonly StudentId[],
): Promise<readonly (ScoutedForStudent | null)[]> => {
  const { scouted: range, marks, proof: proven } = scoutKeys(partition)
  const reply = await runScript(client, 'scouted', [range, marks, proven], ids)
  const [storedRange, storedProof, ...storedMarks] = reply as (string | null)[]
  const scouted = decodeScouted(storedRange ?? null)
  const proof = decodeScoutProof(storedProof ?? null)
  return ids.map((_, index) => scouted && { ...scouted, proof, mark: Number(storedMarks[index] ?? -1) })
}
