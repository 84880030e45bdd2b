import type { Envelope } from '../events/event.ts'
import { keyOf } from '../fees/enrolment.ts'
import {
  type EnrolmentKey,
  type Letter,
  type SourceState,
  type Student,
  sameKey,
  sourceOf,
  type Waiting,
  withSource,
} from '../state/student.ts'
import { letGoOf, letGoOfUnread, settleLetters } from './letters.ts'
import { missingNumbers } from './sequence.ts'

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

/**
 * Each of the source's letters whose number could not be read stands for one number. One that is missing before the
 * snapshot is settled with it, one after it is let go; where none is missing, the source's next number tells.
 */
const settleUnread = (student: Student, source: string, sequence: bigint | null): Student => {
  const state = sourceOf(student, source)
  const unread = student.letters.filter((letter) => isUnread(letter) && letter.source === source).length
  if (unread === 0 || (state.highest === 0n && sequence === null)) return student
  const upTo = sequence === null || state.highest > sequence ? state.highest : sequence
  const missing = missingNumbers(student, source, upTo, unread, sequence)
  const after = missing.filter((number) => sequence !== null && number > sequence)
  const passed = after.reduce((soFar, number) => letGoOf(soFar, source, number), student)
  const credit = state.credit + unread - missing.length
  return withSource(passed, source, { ...sourceOf(passed, source), credit })
}

const greater = (a: bigint, b: bigint): bigint => (a > b ? a : b)

const isUnread = (letter: Letter): boolean => !letter.settled && letter.sequence === 'unreadable'

const numberAfterSnapshot = (state: SourceState, sequence: bigint | null, since: Envelope['time']): SourceState => {
  if (sequence !== null) return { ...state, opened: null }
  if (state.highest === 0n) return { ...state, opened: { since, first: null } }
  return { ...state, opened: null, applied: greater(state.highest, state.applied) }
}

/**
 * Erasure: every enrolment and all that waits or is in doubt is forgotten, and each source goes on after the highest
 * number seen. Only what the erasing source sent after it by sequence stays.
 */
export const forget = (student: Student, { source, sequence }: Envelope): Student => {
  const isLater = (name: string | null, number: bigint | null | 'unreadable'): boolean =>
    name === source && sequence !== null && typeof number === 'bigint' && number > sequence
  const goesOn = new Map(student.sources).set(source, sourceOf(student, source))
  const sources = new Map(
    [...goesOn].map(([name, state]) => {
      const erasing = name === source && sequence !== null
      const applied = greater(erasing ? sequence : state.highest, state.applied)
      return [name, { ...state, applied }] as const
    }),
  )
  const unread = student.letters.filter(isUnread)
  const forgotten = settleLetters(
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
  return unread.reduce(
    (soFar, letter) => (letter.source === null ? soFar : letGoOfUnread(soFar, letter.source)),
    forgotten,
  )
}
