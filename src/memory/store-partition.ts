import type { Checkpoint, CustomEntry, PartitionWrite, Proof, WriteResult } from '../../consumers/ports/store.ts'
import type { StudentId } from '../../projections/values/ids.ts'

/** One partition of one generation. */
export type Partition = {
  checkpoint: Checkpoint | null
  retired: boolean
  lease: { readonly proof: Proof; readonly untilMs: number } | null
  readonly records: Map<StudentId, Uint8Array>
  readonly custom: Map<string, Set<StudentId>>
  readonly suspects: Set<StudentId>
  readonly heartbeats: Map<string, number>
  readonly misrouting: Set<string>
}

export const emptyPartition = (): Partition => ({
  checkpoint: null,
  retired: false,
  lease: null,
  records: new Map(),
  custom: new Map(),
  suspects: new Set(),
  heartbeats: new Map(),
  misrouting: new Set(),
})

/** `applied` here means that it may be. */
export const compare = ({ checkpoint, retired }: Partition, expected: number | null): WriteResult => {
  if (retired) return { kind: 'retired' }
  if (checkpoint === null) return expected === null ? { kind: 'applied' } : { kind: 'absent' }
  if (expected === null || checkpoint.next > expected) return { kind: 'ahead', at: checkpoint.next }
  return checkpoint.next < expected ? { kind: 'behind', at: checkpoint.next } : { kind: 'applied' }
}

const addCustom = (index: Partition['custom'], { custom, identifier }: CustomEntry) => {
  const bearers = index.get(custom)
  if (bearers === undefined) index.set(custom, new Set([identifier]))
  else bearers.add(identifier)
}

const removeCustom = (index: Partition['custom'], { custom, identifier }: CustomEntry) => {
  const bearers = index.get(custom)
  if (bearers?.delete(identifier) && bearers.size === 0) index.delete(custom)
}

export const applyWrite = (partition: Partition, write: PartitionWrite): void => {
  for (const [id, bytes] of write.records) partition.records.set(id, new Uint8Array(bytes))
  for (const entry of write.customAdded) addCustom(partition.custom, entry)
  for (const entry of write.customRemoved) removeCustom(partition.custom, entry)
  for (const id of write.suspectAdded) partition.suspects.add(id)
  for (const id of write.suspectRemoved) partition.suspects.delete(id)
  for (const [source, time] of write.heartbeats)
    partition.heartbeats.set(source, Math.max(time, partition.heartbeats.get(source) ?? time))
  for (const source of write.misrouting) partition.misrouting.add(source)
  partition.checkpoint = write.checkpoint
}

export const livingLease = ({ lease, checkpoint }: Partition, nowMs: number): Proof | null =>
  lease === null || checkpoint === null || nowMs >= lease.untilMs || lease.proof.next > checkpoint.next
    ? null
    : lease.proof
