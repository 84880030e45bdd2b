import type { ScoutOutcome, ScoutReport } from '../../consumers/ports/scouted.ts'
import type { PartitionWrite, ProjectionWriter } from '../../consumers/ports/store.ts'
import type { RedisConnection } from './connection.ts'
import {
  customMember,
  decodeCheckpoint,
  decodeScouted,
  encodeCheckpoint,
  encodeLease,
  encodeScoutProof,
} from './formats.ts'
import { answersKey, partitionKeys, scoutKeys } from './keys.ts'
import type { Argument, RunScript } from './script.ts'
import { writeResult } from './write-result.ts'

/** A view of the same bytes: no copy is made before the socket. */
const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

const applyArguments = (write: PartitionWrite): Argument[] => {
  const { checkpoint, expected, customAdded, customRemoved, suspectAdded, suspectRemoved, heartbeats, misrouting } =
    write
  const lists = [customAdded.map(customMember), customRemoved.map(customMember), suspectAdded, suspectRemoved]
  return [
    expected === null ? '' : String(expected),
    String(checkpoint.next),
    encodeCheckpoint(checkpoint),
    ...lists.map((list) => String(list.length)),
    String(heartbeats.size),
    String(misrouting.length),
    ...Array.from(write.records.values(), asBuffer),
    ...lists.flat(),
    ...Array.from(heartbeats, ([source, time]) => [source, String(time)]).flat(),
    ...misrouting,
  ]
}

const scoutArguments = (report: ScoutReport): Argument[] => {
  const { identity, from, upTo, everybody, misrouted, begins, marks, marksAtMost, proof } = report
  return [
    identity,
    ...[from, upTo, everybody, misrouted].map(String),
    begins ? '1' : '0',
    String(marksAtMost),
    ...(proof ? [String(proof.end), encodeScoutProof(proof), String(proof.provenAtMs + proof.boundMs)] : ['', '', '']),
    ...Array.from(marks, ([id, offset]) => [String(offset), id]).flat(),
  ]
}

/** Decodes the reply of the script that adds a scout's report. */
const scoutOutcome = (reply: unknown): ScoutOutcome => {
  const [code, appliedText, marks] = reply as [number, string, number]
  if (code === 1) return { kind: 'apart' }
  return { kind: code === 0 ? 'added' : 'full', applied: appliedText === '' ? null : Number(appliedText), marks }
}

export const redisWriter = ({ run, isCluster }: RedisConnection, runScript: RunScript): ProjectionWriter => {
  const clockOf = async (generation: number, partition: number): Promise<number> => {
    const { checkpoint } = partitionKeys(generation, partition)
    return Number(await run((client) => runScript(client, 'clock', [checkpoint], [])))
  }
  let clock: Promise<number> | null = null
  /**
   * All partitions of a node share its clock. Callers share a reading in progress; the shared value can only be too
   * old, which is safe.
   */
  const sharedClock = (generation: number, partition: number): Promise<number> => {
    clock ??= clockOf(generation, partition).finally(() => {
      clock = null
    })
    return clock
  }
  return {
    checkpoint: async (generation, partition) =>
      decodeCheckpoint(await run((client) => client.get(partitionKeys(generation, partition).checkpoint))),

    load: async (generation, partition, ids) => {
      if (ids.length === 0) return []
      const keys = partitionKeys(generation, partition)
      return run((client) => client.mgetBuffer(ids.map(keys.student)))
    },

    loadAt: async (generation, partition, ids, withAnswers) => {
      const keys = partitionKeys(generation, partition)
      const answers = withAnswers ? ids.map((id) => answersKey(partition, id)) : []
      const asked = [keys.checkpoint, ...ids.map(keys.student), ...answers]
      const [stored, ...found] = await run((client) => client.mgetBuffer(asked))
      return {
        next: decodeCheckpoint(stored?.toString() ?? null)?.next ?? null,
        students: ids.map((_, index) => ({
          record: found[index] ?? null,
          answers: found[ids.length + index]?.toString() ?? null,
        })),
      }
    },

    apply: async (write) => {
      const keys = partitionKeys(write.generation, write.partition)
      const touched = [keys.checkpoint, keys.custom, keys.suspects, keys.heartbeats, keys.misrouting]
      for (const id of write.records.keys()) touched.push(keys.student(id))
      return writeResult(await run((client) => runScript(client, 'apply', touched, applyArguments(write))))
    },

    clockMs: isCluster ? clockOf : sharedClock,

    lease: async (generation, partition, proof, boundMs) => {
      const { checkpoint, lease } = partitionKeys(generation, partition)
      const args = [String(proof.next), encodeLease(proof), String(proof.provenAtMs + boundMs)]
      return writeResult(await run((client) => runScript(client, 'lease', [checkpoint, lease], args)))
    },

    suspectCount: (generation, partition) =>
      run((client) => client.scard(partitionKeys(generation, partition).suspects)),

    scout: async (report) => {
      const { scouted, marks, proof } = scoutKeys(report.partition)
      const keys = [partitionKeys(report.generation, report.partition).checkpoint, scouted, marks, proof]
      return scoutOutcome(await run((client) => runScript(client, 'scout', keys, scoutArguments(report))))
    },

    scouted: async (partition) => decodeScouted(await run((client) => client.get(scoutKeys(partition).scouted))),

    forgetScouted: async (partition) => {
      await run((client) => client.unlink(...Object.values(scoutKeys(partition))))
    },
  }
}
