import type { StudentId } from '../../projections/values/ids.ts'
import type { Scouted, ScoutedForStudent, ScoutOutcome, ScoutReport } from './scouted.ts'

/**
 * The projection store that the projector writes and the gateway reads. Records are opaque bytes here:
 * `projections/record.ts` defines their content. Adapters: Redis, SQLite and memory; all pass test/contract/store.
 *
 * One generation of one partition is one atomic unit: its records, indexes and checkpoint change together or not at
 * all. Only the lease has a time to live.
 */

/** What one partition of one generation has applied. */
export type Checkpoint = {
  /** The first offset that is not applied yet. */
  readonly next: number
  /** Opaque to the store: the log's identity and the rerouting watermarks, as `consumers/stored/checkpoint-metadata.ts` writes them. */
  readonly metadata: string
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
 * `at`. `ahead`: another process has written (this writer is a zombie, or its last reply was lost): reload. `absent`:
 * the expected checkpoint is missing (an emptied store): rebuild the partition. An unexpected checkpoint is `ahead`.
 * `retired`: the generation is removed and accepts no write: ask for the active one.
 */
export type WriteResult =
  | { readonly kind: 'applied' }
  | { readonly kind: 'behind'; readonly at: number }
  | { readonly kind: 'ahead'; readonly at: number }
  | { readonly kind: 'absent' }
  | { readonly kind: 'retired' }

/** A student's record, and the lines of its recent answers; `null` where there is none. */
export type LoadedStudent = { readonly record: Uint8Array | null; readonly answers: string | null }

/** The projector's side. Every call has a deadline and rejects with a `store_unavailable` error past it. */
export type ProjectionWriter = {
  readonly checkpoint: (generation: number, partition: number) => Promise<Checkpoint | null>
  /** Records of many students of one partition in one round trip; `null` where there is none. Same order as asked. */
  readonly load: (
    generation: number,
    partition: number,
    ids: readonly StudentId[],
  ) => Promise<readonly (Uint8Array | null)[]>
  /**
   * The same with the checkpoint and, where wanted, what each was answered lately (`RecentAnswers`), all as of one moment:
   * a fold on these records counts only for this checkpoint.
   */
  readonly loadAt: (
    generation: number,
    partition: number,
    ids: readonly StudentId[],
    withAnswers: boolean,
  ) => Promise<LoadedStudents>
  readonly apply: (write: PartitionWrite) => Promise<WriteResult>
  /**
   * The clock of the store's node that holds this partition, Unix milliseconds. To be read before the log is asked for
   * its end, so that a proof is dated by the clock that ends its lease.
   */
  readonly clockMs: (generation: number, partition: number) => Promise<number>
  /**
   * Proves freshness: only if the partition's checkpoint is still exactly `proof.next`, sets the lease that ends
   * `boundMs` after `proof.provenAtMs` by the store's own clock. A lease that arrives late (a hanging store, a paused
   * projector) is dead on arrival: that is why it takes a moment and not a time to live. The same outcomes as `apply`.
   */
  readonly lease: (generation: number, partition: number, proof: Proof, boundMs: number) => Promise<WriteResult>
  /** How many students of a partition are suspect. */
  readonly suspectCount: (generation: number, partition: number) => Promise<number>
  /** Adds what was scanned ahead of what is applied, marks and range in one step (consumers/ports/scout-ledger.ts). */
  readonly scout: (report: ScoutReport) => Promise<ScoutOutcome>
  readonly scouted: (partition: number) => Promise<Scouted | null>
  /** Deletes range and marks together: no partition is behind. */
  readonly forgetScouted: (partition: number) => Promise<void>
}

/** At `provenAtMs`, a reading of `clockMs` from before the log was asked, the log ended at `next` and all of it was applied. */
export type Proof = { readonly next: number; readonly provenAtMs: number }

/** `next`: the checkpoint beside the records; `null`: there is none. */
export type LoadedStudents = { readonly next: number | null; readonly students: readonly LoadedStudent[] }

export type PartitionView = {
  /** The active generation that this was read from; `null`: there is none, the store is empty. */
  readonly generation: number | null
  readonly partition: number
  /** `null`: the partition was never projected (or the store was emptied). */
  readonly checkpoint: Checkpoint | null
  /**
   * What the valid lease proves, by the store's own clock; `null`: no lease is valid. Never ahead of the checkpoint.
   */
  readonly lease: Proof | null
  /** What was scanned ahead, for the student who was asked for; `null`: nothing. Absent where it was not asked for. */
  readonly scouted?: ScoutedForStudent | null
}

/** What a pull sees of one student in one round trip. The checkpoint was read no later than the record. */
export type StudentView = PartitionView & {
  /** `null` means unknown, never "no such student". May share memory with other replies: copy it to keep it. */
  readonly record: Uint8Array | null
}

/** The gateway's side. Every call has a deadline and rejects with a `store_unavailable` error past it. */
export type ProjectionReader = {
  /** One student; calls of the same event-loop turn share one round trip. */
  readonly student: (partition: number, id: StudentId) => Promise<StudentView>
  /** The same with what was scanned ahead, range and mark as of one moment. */
  readonly studentAhead: (partition: number, id: StudentId) => Promise<StudentView>
  /** The students that bear a `custom_identifier`, over all partitions, with the checkpoints read no later than the index. */
  readonly byCustom: (
    custom: string,
  ) => Promise<{ readonly partitions: readonly PartitionView[]; readonly ids: readonly StudentId[] }>
  /** Every partition's checkpoint and lease. */
  readonly partitions: () => Promise<readonly PartitionView[]>
  /** The same with what was scanned ahead, for one student who may have events on any of them. */
  readonly partitionsAhead: (id: StudentId) => Promise<readonly PartitionView[]>
  /** Partitions of which something was scanned ahead. */
  readonly scouted: () => Promise<ReadonlyMap<number, Scouted>>
  /** Youngest heartbeat per source over all partitions, Unix milliseconds. */
  readonly heartbeats: () => Promise<ReadonlyMap<string, number>>
  readonly misroutingSources: () => Promise<ReadonlySet<string>>
  readonly suspects: (partition: number) => Promise<readonly StudentId[]>
}

/** The generations that a store holds. */
export type Generations = {
  /** The generation that pulls read; `null` in an empty store. */
  readonly active: number | null
  /** The formerly active generation, kept for a rollback. */
  readonly former: number | null
  /** Begun, and not active yet. */
  readonly building: number | null
  /** To be removed. */
  readonly leftovers: readonly number[]
}

/** What belongs to the whole store rather than to a partition. */
export type StoreAdmin = {
  /** The generation that pulls read; `null` in an empty store. */
  readonly activeGeneration: () => Promise<number | null>
  readonly generations: () => Promise<Generations>
  /**
   * Sets the active generation, only if it is still `from` and `to` was never removed. Readers follow with their next
   * call. `from` becomes the former one, and what was the former one before is left over.
   */
  readonly activate: (from: number | null, to: number) => Promise<boolean>
  /** A generation number that was never given out before, from 1 on. */
  readonly newGeneration: () => Promise<number>
  /** The generation under construction: the one that was begun and neither activated nor removed, else a new one. */
  readonly beginBuild: () => Promise<number>
  /**
   * Takes or renews the build lock for a limited time; false while another owner holds it. It keeps builders apart;
   * compare-and-set protects their writes in any case.
   */
  readonly holdBuild: (owner: string, ttlMs: number) => Promise<boolean>
  readonly releaseBuild: (owner: string) => Promise<void>
  /**
   * Fences a generation (`retired`), removes what it holds in small bites and forgets it; `false` where it is the active
   * one. Safe to repeat after an interruption. `onRemoved` hears how many keys are gone so far, and may slow it down.
   */
  readonly removeGeneration: (generation: number, onRemoved?: (keys: number) => unknown) => Promise<boolean>
  /** A page of the students that a generation knows, in no order; a student may come twice, none that stays is left out. */
  readonly students: (generation: number, cursor: string | null) => Promise<StudentPage>
  /** One store belongs to one topic: claims an empty one, answers whose it is. */
  readonly claim: (topic: string) => Promise<string>
  /** Problems that forbid a start, each a sentence for a person (an evicting memory policy, say). */
  readonly problems: () => Promise<readonly string[]>
  /** Warnings that do not prevent a start (such as no persistence); a store without warnings omits the method. */
  readonly hints?: () => Promise<readonly string[]>
  /** The server's clock now, in Unix milliseconds. Absent: it is this process's own. */
  readonly clock?: () => Promise<number>
  readonly close: () => Promise<void>
}

/** `next`: the cursor of the following page, `null` after the last; good for as long as the store's process lives. */
export type StudentPage = {
  readonly students: readonly { readonly partition: number; readonly identifier: StudentId }[]
  readonly next: string | null
}
