import type { StudentId } from './ids.ts'

/**
 * The projection store, as the projector writes it and the gateway reads it. Records are opaque bytes here:
 * `projections/record.ts` says what is in them. Adapters: Redis and memory; both pass test/contract/store.
 *
 * One generation of one partition is one atomic unit: its records, indexes and checkpoint change together or not at all.
 * Nothing here has a time to live but the lease.
 */

/** What one partition of one generation has applied. */
export type Checkpoint = {
  /** The first offset that is not applied yet. */
  readonly next: number
  /** Opaque to the store: the log's identity and the rerouting watermarks, as `consumers/checkpoint.ts` writes them. */
  readonly tail: string
}

/** The outcome of one batch, to be made visible at once. */
export type PartitionWrite = {
  readonly generation: number
  readonly partition: number
  /** Compare-and-set: the checkpoint's `next` on which this write was computed; `null` where there was no checkpoint. */
  readonly expected: number | null
  readonly checkpoint: Checkpoint
  /** Whole new records, replacing what was there. */
  readonly records: ReadonlyMap<StudentId, Uint8Array>
  /** `custom_identifier` → identifiers, additions and removals; a pair stands in at most one of the two lists. */
  readonly customAdded: readonly CustomEntry[]
  readonly customRemoved: readonly CustomEntry[]
  /** Students that became suspect, and those that healed. */
  readonly suspectAdded: readonly StudentId[]
  readonly suspectRemoved: readonly StudentId[]
  /** Youngest heartbeat per source in this batch, Unix milliseconds of the Kafka record; an older one never replaces a younger. */
  readonly heartbeats: ReadonlyMap<string, number>
  /** Sources that were seen misrouting in this batch. */
  readonly misrouting: readonly string[]
}

export type CustomEntry = { readonly custom: string; readonly identifier: StudentId }

/**
 * `applied`: done. `behind`: the store holds an older checkpoint than expected (it lost acknowledged writes): rewind to
 * `at`. `ahead`: somebody else has written (this writer is a zombie, or its last reply was lost): reload. `absent`: a
 * checkpoint was expected and there is none (an emptied store): rebuild the partition. `exists` never occurs apart from
 * `ahead`: expecting none and finding one is `ahead`.
 */
export type WriteResult =
  | { readonly kind: 'applied' }
  | { readonly kind: 'behind'; readonly at: number }
  | { readonly kind: 'ahead'; readonly at: number }
  | { readonly kind: 'absent' }

/** The projector's side. Every call has a deadline and rejects with a `store_unavailable` error past it. */
export type ProjectionWriter = {
  readonly checkpoint: (generation: number, partition: number) => Promise<Checkpoint | null>
  /** Records of many students of one partition in one round trip; `null` where there is none. Same order as asked. */
  readonly load: (
    generation: number,
    partition: number,
    ids: readonly StudentId[],
  ) => Promise<readonly (Uint8Array | null)[]>
  readonly apply: (write: PartitionWrite) => Promise<WriteResult>
  /**
   * Proves freshness: only if the partition's checkpoint is still exactly `next`, sets the lease that expires after
   * `ttlMs` by the store's own clock. The same four outcomes as `apply`.
   */
  readonly lease: (generation: number, partition: number, next: number, ttlMs: number) => Promise<WriteResult>
  /** How many students of a partition are suspect. */
  readonly suspectCount: (generation: number, partition: number) => Promise<number>
}

/** What a pull sees of one student in one round trip. The checkpoint was read no later than the record. */
export type StudentView = {
  /** The active generation this was read from. */
  readonly generation: number
  readonly partition: number
  /** `null`: the partition was never projected (or the store was emptied). */
  readonly checkpoint: Checkpoint | null
  /** Milliseconds left of the lease; 0 where there is none. */
  readonly leaseMs: number
  /** `null` means unknown, never "no such student". */
  readonly record: Uint8Array | null
}

export type PartitionView = {
  readonly generation: number
  readonly partition: number
  readonly checkpoint: Checkpoint | null
  readonly leaseMs: number
}

/** The gateway's side. Every call has a deadline and rejects with a `store_unavailable` error past it. */
export type ProjectionReader = {
  /** One student; calls of the same event-loop turn share one round trip. */
  readonly student: (partition: number, id: StudentId) => Promise<StudentView>
  /** The students that bear a `custom_identifier`, over all partitions, with the checkpoints read no later than the index. */
  readonly byCustom: (
    custom: string,
  ) => Promise<{ readonly partitions: readonly PartitionView[]; readonly ids: readonly StudentId[] }>
  /** Every partition's checkpoint and lease. */
  readonly partitions: () => Promise<readonly PartitionView[]>
  /** Youngest heartbeat per source over all partitions, Unix milliseconds. */
  readonly heartbeats: () => Promise<ReadonlyMap<string, number>>
  readonly misroutingSources: () => Promise<ReadonlySet<string>>
  readonly suspects: (partition: number) => Promise<readonly StudentId[]>
}

/** What belongs to the whole store rather than to a partition. */
export type StoreAdmin = {
  /** The generation that pulls read; `null` in an empty store. */
  readonly activeGeneration: () => Promise<number | null>
  /** Sets the active generation, only if it is still `from`. */
  readonly activate: (from: number | null, to: number) => Promise<boolean>
  /** One store belongs to one topic: claims an empty one, answers whose it is. */
  readonly claim: (topic: string) => Promise<string>
  /** Problems that forbid a start, each a sentence for a person (an evicting memory policy, say). */
  readonly problems: () => Promise<readonly string[]>
  readonly close: () => Promise<void>
}
