import { keyOf } from './enrolment.ts'
import type { Envelope } from './event.ts'
import { letGoOfUnread, settleLetters } from './letters.ts'
import {
  type EnrolmentKey,
  type Letter,
  type SourceState,
  type Student,
  sameKey,
  sourceOf,
  type Waiting,
  withSource,
} from './student.ts'

/** What snapshots and erasures do to the order of things: to numbers, to what waits, and to dead letters. */

/**
 * A snapshot settles all that its source, or an unknown one, left open before it, and what waits for an enrolment that
 * it lists: by sequence where both bear a number, else by the log.
 */
export const settleBySnapshot = (
  student: Student,
  { source, sequence, time }: Envelope,
  listed: readonly EnrolmentKey[],
): Student => {
  const before = (number: bigint | null | 'unreadable'): boolean =>
    sequence === null || typeof number !== 'bigint' || number <= sequence
  const concerns = (letter: Letter): boolean =>
    letter.source === null || (letter.source === source && before(letter.sequence))

  const settled = settleUnread(student, source, sequence)
  const cleared = settleLetters(
    { ...settled, waiting: settled.waiting.filter((item) => !isSettled(item, source, before, listed)) },
    concerns,
  )
  return withSource(cleared, source, numberAfterSnapshot(sourceOf(settled, source), sequence, time))
}

const isSettled = (
  { kind, event }: Waiting,
  source: string,
  before: (number: bigint | null) => boolean,
  listed: readonly EnrolmentKey[],
): boolean => {
  if (event.envelope.source === source && before(event.envelope.sequence)) return true
  return kind === 'orphan' && listed.some((key) => waitsFor(event, key))
}

const waitsFor = ({ fact }: Waiting['event'], key: EnrolmentKey): boolean => {
  if (!fact || fact.type === 'erp.student.snapshot.v1' || fact.type === 'erp.student.erased.v1') return false
  return sameKey(keyOf(fact.data.student), key)
}

/** Each of the source's letters whose number could not be read stands for one number that is missing, or will be. */
const settleUnread = (student: Student, source: string, sequence: bigint | null): Student => {
  const state = sourceOf(student, source)
  if (state.highest === 0n && sequence === null) return student
  const horizon = sequence === null || state.highest > sequence ? state.highest : sequence - 1n
  return student.letters
    .filter((letter) => !letter.settled && letter.source === source && letter.sequence === 'unreadable')
    .reduce((so_far) => letGoOfUnread(so_far, source, horizon), student)
}

const numberAfterSnapshot = (state: SourceState, sequence: bigint | null, since: Envelope['time']): SourceState => {
  if (sequence !== null) return state
  if (state.highest === 0n) return { ...state, opened: { since, first: null } }
  return { ...state, applied: state.highest }
}

/**
 * Erasure: every enrolment and all that waits or is in doubt is forgotten, and each source goes on after the highest
 * number seen. Only what the erasing source sent after it by sequence stays.
 */
export const forget = (student: Student, { source, sequence }: Envelope): Student => {
  const isLater = (name: string | null, number: bigint | null | 'unreadable'): boolean =>
    name === source && sequence !== null && typeof number === 'bigint' && number > sequence
  const sources = new Map(
    [...student.sources].map(([name, state]) => {
      // Never below the applied one: that is among the numbers seen.
      const applied = name === source && sequence !== null ? state.applied : state.highest
      return [name, { ...state, applied, credit: 0 }] as const
    }),
  )
  return settleLetters(
    {
      ...student,
      enrolments: [],
      erased: true,
      sources,
      waiting: student.waiting.filter(
        ({ kind, event }) => kind === 'held' && isLater(event.envelope.source, event.envelope.sequence),
      ),
    },
    (letter) => !isLater(letter.source, letter.sequence),
  )
}
