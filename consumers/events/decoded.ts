import type { StudentEvent } from '../../projections/events/event.ts'
import type { Broken, Resolution } from '../../projections/sequence/incoming-record.ts'
import type { ForeignEvent } from '../../projections/state/student.ts'
import type { StudentId } from '../../projections/values/ids.ts'

/**
 * The meaning of a record. `student`: it concerns one student and goes to the fold, on the student's partition.
 * `stray`: invalid and its student is unknown: a dead letter that blocks no student.
 */
export type Decoded =
  | { readonly kind: 'tombstone' }
  | { readonly kind: 'foreign' }
  | { readonly kind: 'heartbeat'; readonly source: string }
  | {
      readonly kind: 'student'
      readonly identifier: StudentId
      readonly source: string | null
      readonly content: Content
    }
  | { readonly kind: 'stray'; readonly broken: Broken }

export type Content = { readonly kind: 'event'; readonly event: StudentEvent | ForeignEvent } | Broken | Resolution
