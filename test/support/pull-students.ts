import type { NewRecord } from '../../consumers/ports/log.ts'
import { publisher } from './school.ts'

/** What the projection can know of a student, and the events that bring it there. */
export type StudentState = 'hit' | 'left' | 'moved' | 'miss' | 'suspect' | 'incoherent' | 'ambiguous' | 'stale'

/** Its source is never heard of, so its branch is stale whatever the log says. */
export const SILENT = 'SILENT'
/** Its ERP's port is closed. */
export const CLOSED = 'CLOSED'
export const SILENT_CLOSED = 'SILENT-CLOSED'

export type SchoolEvents = {
  /** `sequence`: another number than the next one. */
  readonly of: (
    state: StudentState,
    identifier: string,
    options?: { readonly branch?: string; readonly custom?: string },
  ) => readonly NewRecord[]
}

export const FEE_RUPEES = 5000

export const schoolEvents = (topic: string, partitions: number): SchoolEvents => {
  const { event } = publisher(topic, partitions, '/erp/world')
  return {
    of: (state, identifier, { branch = 'BLR-01', custom } = {}) => {
      const student = (grade: string) => ({
        student: {
          identifier,
          grade,
          academic_year_start: '2026',
          academic_year_end: '2027',
          collector_code: branch,
        },
      })
      const enrolled = (grade: string) =>
        event(identifier, 'erp.student.enrolled.v1', {
          ...student(grade),
          fullname: `Student ${identifier}`,
          new_admission: false,
          primary_contact_name: 'Parent',
          primary_contact_number: '9800000000',
          primary_contact_email: 'parent@example.edu',
          ...(custom !== undefined && { custom_identifier: custom }),
        })
      const assessed = (grade: string) =>
        event(identifier, 'erp.fees.assessed.v1', {
          ...student(grade),
          fee_components: [{ component_type: 'TUITION', amount: FEE_RUPEES }],
        })
      const whole = (grade: string) => [enrolled(grade), assessed(grade)]
      switch (state) {
        case 'miss':
          return []
        case 'hit':
        case 'stale':
          return whole('5')
        case 'incoherent':
          return [enrolled('5')]
        case 'ambiguous':
          return [...whole('5'), ...whole('6')]
        case 'left':
          return [
            ...whole('5'),
            event(identifier, 'erp.student.discontinued.v1', { ...student('5'), message: 'Gone.' }),
          ]
        case 'moved':
          return [
            ...whole('5'),
            event(identifier, 'erp.student.transferred.v1', { ...student('5'), to: { grade: '6' } }),
          ]
        case 'suspect':
          return [
            ...whole('5'),
            event(
              identifier,
              'erp.fee.changed.v1',
              { ...student('5'), component_type: 'TUITION', amount: 1 },
              { sequence: '9' },
            ),
          ]
      }
    },
  }
}

/** The body that the projection gives for a `hit`. */
export const hitBody = (identifier: string, branch = 'BLR-01'): string =>
  JSON.stringify({
    status: 'success',
    data: {
      student: {
        fullname: `Student ${identifier}`,
        identifier,
        collector_code: branch,
        grade: '5',
        new_admission: false,
        academic_year_start: '2026',
        academic_year_end: '2027',
        primary_contact_name: 'Parent',
        primary_contact_number: '9800000000',
        primary_contact_email: 'parent@example.edu',
      },
      fee_components: [{ component_type: 'TUITION', fee_amount: FEE_RUPEES }],
    },
  })
