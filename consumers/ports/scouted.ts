import type { StudentId } from '../../projections/values/ids.ts'

/**
 * What is known of a partition's log beyond the applied offset: which students have events there. These facts belong to
 * the log's identity and to no generation, and any process may add to them.
 *
 * A student without a mark has no event in a scouted range. A mark means that there may be one.
 */
export type Scouted = {
  /** The log that was scanned, as `Log.ends` names it. */
  readonly identity: string
  /** Every record from this offset on … */
  readonly from: number
  /** … up to the one before this offset was scanned. */
  readonly upTo: number
  /** The last record that may concern any student; -1: none. */
  readonly everybody: number
  /** The last record whose student belongs on another partition; -1: none. */
  readonly misrouted: number
}

/** The same, as far as one student needs it. */
export type ScoutedForStudent = Scouted & {
  /** The last record that may concern the student; -1: none. */
  readonly mark: number
  /** `null`: nothing that is young enough by the store's own clock. */
  readonly proof: ScoutProof | null
}

/** At `provenAtMs`, a reading of the store's clock from before the log was asked, the log ended at `end`. */
export type ScoutProof = { readonly end: number; readonly provenAtMs: number }

/** The result of a scan, to be added to the stored state. */
export type ScoutReport = Scouted & {
  readonly partition: number
  /** The generation by whose checkpoint marks are dropped: what lies below it is applied. */
  readonly generation: number
  readonly marks: ReadonlyMap<StudentId, number>
  /** The scout begins: stored state that does not touch this range is replaced. */
  readonly begins: boolean
  /** How many marks the store may hold for this partition. */
  readonly marksAtMost: number
  /** Stored, for `boundMs` from `provenAtMs` on, if all up to its end is scanned. */
  readonly proof: (ScoutProof & { readonly boundMs: number }) | null
}

/**
 * `added`: the range and its marks are stored. `apart`: nothing is stored, because the stored range does not touch this
 * one or belongs to another log: begin again. `full`: nothing is stored, because there is no room for marks until more
 * is applied.
 */
export type ScoutOutcome =
  | { readonly kind: 'added'; readonly applied: number | null; readonly marks: number }
  | { readonly kind: 'apart' }
  | { readonly kind: 'full'; readonly applied: number | null; readonly marks: number }
