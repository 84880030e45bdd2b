import type { StudentId } from '../../projections/values/ids.ts'

/** One answer about a student, as one line that `consumers/stored/recent-answer.ts` writes; opaque to the store. */
export type RecentAnswer = { readonly id: StudentId; readonly line: string }

/** A gateway process that records answers. */
export type RecorderState = {
  readonly recorder: string
  /** How many answers it has numbered so far. */
  readonly numbered: number
  /** When the store last heard of it, by the store's clock, Unix milliseconds. */
  readonly seenAtMs: number
}

/**
 * Recent answers, kept for a limited time with the records, so that the projector can count changes. They belong to no
 * generation and are a convenience: the topic of answers is the source of truth. Every call rejects with
 * `store_unavailable`.
 */
export type RecentAnswers = {
  /**
   * Adds a line to what each student of the partition was answered; `ttlMs` after its last line all of it is forgotten.
   * Each line begins with the store's own time. The oldest lines go where the text of a student exceeds
   * `MAX_RECENT_BYTES`.
   */
  readonly add: (partition: number, answers: readonly RecentAnswer[], ttlMs: number) => Promise<void>
  /** The recorder is alive and has numbered so many answers; one that is not heard of for `ttlMs` is forgotten. */
  readonly heartbeat: (recorder: string, numbered: number, ttlMs: number) => Promise<void>
  /** The recorder has ended in good order. */
  readonly ended: (recorder: string) => Promise<void>
  /** Those that have not ended in good order, with the store's time. */
  readonly recorders: () => Promise<{ readonly nowMs: number; readonly open: readonly RecorderState[] }>
}

/** Some twenty answers about one student. */
export const MAX_RECENT_BYTES = 2048

/** What `add` makes of the lines that are there, for stores without a script. */
export const withLine = (known: string | null, line: string, nowMs: number): string => {
  const lines = known === null ? [] : known.split('\n')
  lines.push(`${nowMs} ${line}`)
  while (lines.length > 1 && Buffer.byteLength(lines.join('\n')) > MAX_RECENT_BYTES) lines.shift()
  return lines.join('\n')
}
