import type { LogPosition } from '../events/event.ts'
import { keyOf } from '../fees/enrolment.ts'
import type { EnrolmentKey, Letter, Student } from '../state/student.ts'
import { missingNumbers } from './sequence.ts'

/** Why a student is suspect: each reason by itself, so that a person can be told what would heal it. */
export type SuspectReason =
  | Gap
  /** Events about an enrolment that does not exist. */
  | {
      readonly kind: 'orphans'
      readonly enrolment: EnrolmentKey
      readonly waiting: readonly { readonly place: LogPosition; readonly type: string; readonly source: string }[]
    }
  | { readonly kind: 'letter'; readonly letter: Letter; readonly held: readonly LogPosition[] }

/** Numbers of a source have not come; what came after them is held. */
export type Gap = {
  readonly kind: 'gap'
  readonly source: string
  /** The first few. */
  readonly missing: readonly bigint[]
  readonly held: readonly LogPosition[]
}

const MOST_MISSING = 20

/** Empty exactly where the student is not suspect. */
export const suspectReasonsOf = (student: Student): readonly SuspectReason[] => [
  ...gapsOf(student, MOST_MISSING),
  ...orphans(student),
  ...student.letters
    .filter((letter) => !letter.settled)
    .map((letter): SuspectReason => ({ kind: 'letter', letter, held: heldBy(student, letter) })),
]

/** Of each source at most so many of its missing numbers. */
export const gapsOf = (student: Student, most: number): readonly Gap[] =>
  [...student.sources].flatMap(([source, { applied, letGo, opened }]): Gap[] => {
    const held = heldOf(student, source)
    const isOpen = opened !== null && opened.first === null
    const letGoAhead = letGo.some((number) => number > applied)
    if ((held.length === 0 && !letGoAhead) || isOpen) return []
    const last = [...held.map(({ number }) => number), ...letGo].reduce((a, b) => (a > b ? a : b), 0n)
    const missing = missingNumbers(student, source, last, most)
    const behind = held.filter(({ number }) => missing.length > 0 && number > missing[0]!)
    return missing.length === 0 ? [] : [{ kind: 'gap', source, missing, held: behind.map(({ place }) => place) }]
  })

const heldOf = (student: Student, source: string) =>
  student.waiting.flatMap(({ kind, event: { envelope, place } }) =>
    kind === 'held' && envelope.source === source && envelope.sequence !== null
      ? [{ place, number: envelope.sequence }]
      : [],
  )

/** What waits for the letter's number to have its turn. */
const heldBy = (student: Student, { source, sequence }: Letter): readonly LogPosition[] =>
  source === null || typeof sequence !== 'bigint'
    ? []
    : heldOf(student, source)
        .filter(({ number }) => number > sequence)
        .map(({ place }) => place)

const orphans = (student: Student): readonly SuspectReason[] => {
  const byEnrolment = new Map<string, Extract<SuspectReason, { kind: 'orphans' }>>()
  for (const { kind, event } of student.waiting) {
    const { fact, place, envelope } = event
    if (kind !== 'orphan' || !fact || fact.type === 'erp.student.snapshot.v1' || fact.type === 'erp.student.erased.v1')
      continue
    const enrolment = keyOf(fact.data.student)
    const name = JSON.stringify([enrolment.collectorCode, enrolment.grade, enrolment.yearStart])
    const known = byEnrolment.get(name)?.waiting ?? []
    const waiting = [...known, { place, type: fact.type, source: envelope.source }]
    byEnrolment.set(name, { kind: 'orphans', enrolment, waiting })
  }
  return [...byEnrolment.values()]
}
