import type { Fact } from './event.ts'

/** What an event speaks of: enrolments that it names, all enrolments of its source, or the whole student. */
export type EventScope = 'enrolment' | 'snapshot' | 'erasure'

export const scopeOf = (fact: Fact): EventScope => {
  switch (fact.type) {
    case 'erp.student.snapshot.v1':
      return 'snapshot'
    case 'erp.student.erased.v1':
      return 'erasure'
    default:
      return 'enrolment'
  }
}

/** Whether it brings back a student that was erased. */
export const enrolsStudent = (fact: Fact): boolean =>
  fact.type === 'erp.student.enrolled.v1' ||
  (fact.type === 'erp.student.snapshot.v1' && fact.data.enrolments.length > 0)
