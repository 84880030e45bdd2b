import type { EnrolmentKey } from '../events/enrolment-key.ts'
import type { LogPosition } from '../events/event.ts'
import { hasHole } from '../state/numbers.ts'
import type { Flood, Letter, Student } from '../state/student.ts'
import type { Intervals } from '../values/intervals.ts'
import { isUnsettled } from './letters.ts'
import { missingNumbers } from './source-numbers.ts'
import { awaitedEnrolment } from './waiting.ts'

/** Reasons why a student is suspect, listed separately, so that a person learns the remedy of each. */
export type SuspectReason = Gap | Orphans | OpenLetter | Flooded

/** Numbers of a source have not come; what came after them is held. */
export type Gap = {
  readonly kind: 'gap'
  readonly source: string
  readonly missing: Intervals
  readonly held: readonly LogPosition[]
}

/** Events about an enrolment that does not exist. */
type Orphans = {
  readonly kind: 'orphans'
  readonly enrolment: EnrolmentKey
  readonly waiting: readonly { readonly place: LogPosition; readonly type: string; readonly source: string }[]
}

/** More dead letters of one source than are known one by one. */
type Flooded = { readonly kind: 'flood'; readonly flood: Flood }

type OpenLetter = { readonly kind: 'letter'; readonly letter: Letter; readonly held: readonly LogPosition[] }

/** While anything is missing or in doubt, the projection does not answer for the student. */
export const isSuspect = (student: Student): boolean => !reasonsOf(student).next().done

export const suspectReasonsOf = (student: Student): readonly SuspectReason[] => [...reasonsOf(student)]

/** The one place that says what makes a student suspect. */
function* reasonsOf(student: Student): Generator<SuspectReason> {
  yield* gapsOf(student)
  yield* orphansOf(student)
  for (const letter of student.letters)
    if (isUnsettled(letter)) yield { kind: 'letter', letter, held: heldBy(student, letter) }
  for (const flood of student.floods) yield { kind: 'flood', flood }
}

/** Covers every source with events beyond its next number. */
export function* gapsOf(student: Student): Generator<Gap> {
  for (const [source, { numbers }] of student.sources) {
    if (!hasHole(numbers)) continue
    const missing = missingNumbers(student, source, numbers.highest)
    if (missing.length > 0) yield { kind: 'gap', source, missing, held: heldAfter(student, source, missing[0]![0]) }
  }
}

/** What waits for the letter's number to have its turn. */
const heldBy = (student: Student, { source, sequence }: Letter): readonly LogPosition[] =>
  source === null || typeof sequence !== 'bigint' ? [] : heldAfter(student, source, sequence)

const heldAfter = (student: Student, source: string, number: bigint): readonly LogPosition[] =>
  student.waiting.flatMap(({ kind, event: { envelope, place } }) =>
    kind === 'held' && envelope.source === source && envelope.sequence !== null && envelope.sequence > number
      ? [place]
      : [],
  )

const orphansOf = (student: Student): readonly Orphans[] => {
  const byEnrolment = new Map<string, Orphans>()
  for (const { kind, event } of student.waiting) {
    const { fact, place, envelope } = event
    const enrolment = kind === 'orphan' ? awaitedEnrolment(student, event) : null
    if (fact === null || enrolment === null) continue
    const name = JSON.stringify([enrolment.collectorCode, enrolment.grade, enrolment.yearStart])
    const known = byEnrolment.get(name)?.waiting ?? []
    const waiting = [...known, { place, type: fact.type, source: envelope.source }]
    byEnrolment.set(name, { kind: 'orphans', enrolment, waiting })
  }
  return [...byEnrolment.values()]
}
