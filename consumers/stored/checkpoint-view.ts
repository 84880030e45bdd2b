import type { Log } from '../ports/log.ts'
import type { PartitionWrite, ProjectionWriter, WriteResult } from '../ports/store.ts'
import { decodeTail, encodeTail, hasSignature, newTail, type Tail } from './checkpoint-metadata.ts'

/** What a worker believes of its partition's checkpoint. */
export type Place = { readonly generation: number; readonly next: number; readonly tail: Tail }

export type PlaceDeps = {
  readonly log: Pick<Log, 'ends'>
  readonly store: Pick<ProjectionWriter, 'checkpoint' | 'apply'>
  readonly topic: string
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
  { generation, next, tail }: Place,
  partition: number,
  expected: number | null,
): PartitionWrite => ({
  ...NO_CHANGES,
  generation,
  partition,
  expected,
  checkpoint: { next, tail: encodeTail(tail) },
})

/**
 * The checkpoint as it is in the store. A checkpoint at 0 says "nothing yet"; none at all says that there was nothing, or
 * that the store has lost it: then it becomes one at 0.
 */
export const loadPlace = async (partition: number, deps: PlaceDeps): Promise<Place> => {
  const { store, signature } = deps
  const generation = await deps.generation()
  let checkpoint = await store.checkpoint(generation, partition)
  if (checkpoint === null) {
    const end = (await deps.log.ends(deps.topic, [partition])).get(partition)
    if (end === undefined) throw new Error(`the log does not tell the end of partition ${partition}`)
    const first = { generation, next: 0, tail: newTail(signature, end.identity) }
    await store.apply(checkpointWrite(first, partition, null))
    checkpoint = await store.checkpoint(generation, partition)
  }
  if (checkpoint === null) throw new Error(`generation ${generation} takes no checkpoint of partition ${partition}`)
  if (!hasSignature(checkpoint.tail, signature))
    throw new Error(`generation ${generation} was made by another fold, policy or timezone`)
  return { generation, next: checkpoint.next, tail: decodeTail(checkpoint.tail) }
}

/** Under another incarnation of the log, in which everything that was applied is found still: says so to the readers. */
export const anchored = async (
  { store }: PlaceDeps,
  partition: number,
  at: Place,
  identity: string,
): Promise<Place> => {
  if (at.tail.identity === identity) return at
  const place = { ...at, tail: { ...at.tail, identity } }
  const result = await store.apply(checkpointWrite(place, partition, at.next))
  if (result.kind !== 'applied') throw new Error(`the checkpoint of partition ${partition} has moved meanwhile`)
  return place
}

/** What a write that is computed on this place would be told now. */
export const standingAt = async (
  store: Pick<ProjectionWriter, 'checkpoint'>,
  partition: number,
  { generation, next }: Place,
): Promise<WriteResult> => {
  const checkpoint = await store.checkpoint(generation, partition)
  if (checkpoint === null) return { kind: 'absent' }
  if (checkpoint.next === next) return { kind: 'applied' }
  return { kind: checkpoint.next < next ? 'behind' : 'ahead', at: checkpoint.next }
}
