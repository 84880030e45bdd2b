import type { Log } from '../ports/log.ts'
import { LogError } from '../ports/log-error.ts'
import type { PartitionWrite, ProjectionWriter, WriteResult } from '../ports/store.ts'
import {
  type CheckpointMetadata,
  decodeMetadata,
  encodeMetadata,
  hasSignature,
  newMetadata,
} from './checkpoint-metadata.ts'

/** What a worker believes of its partition's checkpoint. */
export type CheckpointView = {
  readonly generation: number
  readonly next: number
  readonly metadata: CheckpointMetadata
}

export type CheckpointDeps = {
  readonly log: Pick<Log, 'ends'>
  readonly store: Pick<ProjectionWriter, 'checkpoint' | 'apply'>
  readonly topic: string
  /** As many as are configured. */
  readonly partitions: number
  readonly signature: string
  /** The generation to write. Asked whenever the checkpoint is read, and kept until it is read anew. */
  readonly generation: () => Promise<number>
}

const NO_CHANGES = {
  records: new Map(),
  customAdded: [],
  customRemoved: [],
  suspectAdded: [],
  suspectRemoved: [],
  heartbeats: new Map(),
  misrouting: [],
} as const

/** A write that changes nothing but the checkpoint. */
export const checkpointWrite = (
  { generation, next, metadata }: CheckpointView,
  partition: number,
  expected: number | null,
): PartitionWrite => ({
  ...NO_CHANGES,
  generation,
  partition,
  expected,
  checkpoint: { next, metadata: encodeMetadata(metadata) },
})

/**
 * The checkpoint as it is in the store. A checkpoint at 0 says "nothing yet"; none at all says that there was nothing, or
 * that the store has lost it: then it becomes one at 0.
 */
export const loadCheckpoint = async (partition: number, deps: CheckpointDeps): Promise<CheckpointView> => {
  const { store, signature } = deps
  const generation = await deps.generation()
  let checkpoint = await store.checkpoint(generation, partition)
  if (checkpoint === null) {
    const end = (await deps.log.ends(deps.topic, [partition])).get(partition)
    if (end === undefined) throw new LogError('unavailable', `the log does not tell the end of partition ${partition}`)
    const first = { generation, next: 0, metadata: newMetadata(signature, end.identity) }
    await store.apply(checkpointWrite(first, partition, null))
    checkpoint = await store.checkpoint(generation, partition)
  }
  if (checkpoint === null) throw new Error(`generation ${generation} takes no checkpoint of partition ${partition}`)
  if (!hasSignature(checkpoint.metadata, signature))
    throw new Error(`generation ${generation} was made by another fold, policy or timezone`)
  return { generation, next: checkpoint.next, metadata: decodeMetadata(checkpoint.metadata) }
}

/** Under another incarnation of the log, in which everything that was applied is found still: says so to the readers. */
export const anchored = async (
  { store }: CheckpointDeps,
  partition: number,
  at: CheckpointView,
  identity: string,
): Promise<CheckpointView> => {
  if (at.metadata.identity === identity) return at
  const place = { ...at, metadata: { ...at.metadata, identity } }
  const result = await store.apply(checkpointWrite(place, partition, at.next))
  if (result.kind !== 'applied') throw new Error(`the checkpoint of partition ${partition} has moved meanwhile`)
  return place
}

/** What a write that is computed on this place would be told now. */
export const checkpointAt = async (
  store: Pick<ProjectionWriter, 'checkpoint'>,
  partition: number,
  { generation, next }: CheckpointView,
): Promise<WriteResult> => {
  const checkpoint = await store.checkpoint(generation, partition)
  if (checkpoint === null) return { kind: 'absent' }
  if (checkpoint.next === next) return { kind: 'applied' }
  return { kind: checkpoint.next < next ? 'behind' : 'ahead', at: checkpoint.next }
}
