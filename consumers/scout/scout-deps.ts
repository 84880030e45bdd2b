import type { StudentId } from '../../projections/values/ids.ts'
import type { Log } from '../ports/log.ts'
import type { ScoutProof, ScoutReport } from '../ports/scouted.ts'
import type { ProjectionWriter } from '../ports/store.ts'

export type ScoutDeps = {
  readonly log: Pick<Log, 'follow' | 'ends' | 'domains'>
  readonly store: Pick<ProjectionWriter, 'checkpoint' | 'clockMs' | 'scout' | 'scouted' | 'forgetScouted'>
  readonly topic: string
  /** As many as are configured. */
  readonly partitions: number
  readonly partitionOf: (id: StudentId) => number
  /** The generation that pulls read; `null`: none. */
  readonly generation: () => Promise<number | null>
  /** False while settings of log or store forbid every proof. */
  readonly mayProve: () => boolean
  /** How long a proof of freshness lasts, milliseconds. */
  readonly boundMs: number
  /** Marks that the store may hold for one partition. */
  readonly marksAtMost?: number
  readonly observer: ScoutObserver
}

/** What a scout tells of its work; nothing here bears personal data. */
export type ScoutObserver = {
  readonly scanned: (records: number) => void
  /** How many marks the store holds for a partition; 0 when it is left. */
  readonly marks: (partition: number, count: number) => void
  /** There is no room for more marks: the scout waits until more is applied. */
  readonly full: (partition: number) => void
  readonly failed: (what: string, error: unknown) => void
}

/** One partition that is scanned; `identity` is `null` until something was read. */
export type ScoutPosition = {
  readonly partition: number
  /** Everything before it is scanned. */
  at: number
  begins: boolean
  identity: string | null
  /** The checkpoint as it was seen last. */
  applied: number
  /** An end of the log that was asked for and is not reached yet. */
  proof: ScoutProof | null
}

/** Records that were scanned, as a report bears them. */
export type ScannedRange = Pick<ScoutReport, 'identity' | 'from' | 'upTo' | 'marks' | 'everybody' | 'misrouted'>
