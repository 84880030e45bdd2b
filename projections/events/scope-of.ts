import { type EnrolmentKey, keyOf } from './enrolment-key.ts'
import type { Fact } from './event.ts'
import type { SingleFact } from './single-facts.ts'

/** What a fact is about: some enrolments, all enrolments of a source, or everything that is known of the student. */
type FactScope = 'enrolment' | 'snapshot' | 'erasure'

export const scopeOf = (fact: Fact): FactScope => {
  if (fact.type === 'erp.student.snapshot.v1') return 'snapshot'
  return fact.type === 'erp.student.erased.v1' ? 'erasure' : 'enrolment'
}

/** The changes that an event makes, in order: those of a `changed`, else the event itself; none for other scopes. */
export const changesIn = (fact: Fact): readonly SingleFact[] => {
  if (fact.type === 'erp.student.changed.v1') return fact.data.changes
  return fact.type === 'erp.student.snapshot.v1' || fact.type === 'erp.student.erased.v1' ? [] : [fact]
}

/** The enrolments that a fact names, perhaps more than once: a transfer names its target too, an erasure none. */
export const enrolmentsOf = (fact: Fact): readonly EnrolmentKey[] =>
  fact.type === 'erp.student.snapshot.v1' ? fact.data.enrolments.map(keyOf) : changesIn(fact).flatMap(named)

const named = (change: SingleFact): readonly EnrolmentKey[] => {
  const about = keyOf(change.data.student)
  return change.type === 'erp.student.transferred.v1' ? [about, targetOf(about, change.data.to)] : [about]
}

type TransferFact = Extract<SingleFact, { type: 'erp.student.transferred.v1' }>

/** The fields of `to` over those of the enrolment that is left. */
export const targetOf = (from: EnrolmentKey, to: TransferFact['data']['to']): EnrolmentKey => ({
  grade: to.grade ?? from.grade,
  yearStart: to.academic_year_start ?? from.yearStart,
  collectorCode: to.collector_code === undefined ? from.collectorCode : to.collector_code,
})

/** Whether it enrols a student again after an erasure. */
export const enrolsStudent = (fact: Fact): boolean => {
  if (fact.type === 'erp.student.snapshot.v1') return fact.data.enrolments.length > 0
  return changesIn(fact)[0]?.type === 'erp.student.enrolled.v1'
}
