import type { Said } from './example.ts'

/** What ERPs say in the examples, in a few words. An amount is written as the ERP writes it. */
export type Amount = number | string
export type Parts = readonly (readonly [component: string, amount: Amount])[]

export const STUDENT = {
  identifier: 'S-1',
  grade: '5',
  academic_year_start: '2026',
  academic_year_end: '2027',
  collector_code: 'BLR-01',
}

export const PROFILE = {
  fullname: 'Asha Rao',
  new_admission: false,
  primary_contact_name: 'Ravi Rao',
  primary_contact_number: '9800000001',
  primary_contact_email: 'ravi@example.org',
}

const details = (parts: Parts) => parts.map(([component_type, amount]) => ({ component_type, amount }))

export const say = (type: string, data: object = {}, student: object = {}): Said => ({
  type,
  data: { student: { ...STUDENT, ...student }, ...data },
})

export const enrolled = (profile: object = {}, student: object = {}): Said =>
  say('erp.student.enrolled.v1', { ...PROFILE, ...profile }, student)
export const updated = (profile: object, student: object = {}): Said => say('erp.student.updated.v1', profile, student)
export const discontinued = (data: object = {}, student: object = {}): Said =>
  say('erp.student.discontinued.v1', data, student)
export const reinstated = (student: object = {}): Said => say('erp.student.reinstated.v1', {}, student)
export const transferred = (to: object, data: object = {}, student: object = {}): Said =>
  say('erp.student.transferred.v1', { to, ...data }, student)
export const assessed = (parts: Parts, student: object = {}): Said =>
  say('erp.fees.assessed.v1', { fee_components: details(parts) }, student)
export const changed = (component_type: string, amount: Amount, student: object = {}): Said =>
  say('erp.fee.changed.v1', { component_type, amount }, student)
export const removed = (component_type: string): Said => say('erp.fee.removed.v1', { component_type })
export const granted = (discount_id: string, component_type: string, worth: object): Said =>
  say('erp.discount.granted.v1', { discount_id, component_type, ...worth })
/** Several changes as one. Each keeps the enrolment that it names. */
export const together = (...changes: readonly Said[]): Said =>
  say('erp.student.changed.v1', { changes: changes.map(({ type, data }) => ({ type, data })) })
export const revoked = (discount_id: string): Said => say('erp.discount.revoked.v1', { discount_id })
export const charged = (
  charge_id: string,
  component_type: string,
  amount: Amount,
  data: object,
  student: object = {},
): Said => say('erp.charge.added.v1', { charge_id, component_type, amount, ...data }, student)
export const uncharged = (charge_id: string): Said => say('erp.charge.removed.v1', { charge_id })
export const paid = (payment_id: string, amount: Amount, data: object = {}, student: object = {}): Said =>
  say('erp.payment.recorded.v1', { payment_id, amount, paid_on: '2026-06-01', ...data }, student)
export const reversed = (payment_id: string, student: object = {}): Said =>
  say('erp.payment.reversed.v1', { payment_id }, student)
export const cleared = (): Said => say('erp.schedule.cleared.v1')
export const erased = (): Said => ({ type: 'erp.student.erased.v1', data: { student: { identifier: 'S-1' } } })

export const allocated = (...parts: (readonly [component: string, amount: Amount, referenceId?: string])[]) => ({
  allocations: parts.map(([component_type, amount, reference_id]) => ({
    component_type,
    amount,
    ...(reference_id === undefined ? {} : { reference_id }),
  })),
})

/** Entries as due date, reference and details. */
export const plan = (...entries: (readonly [dueDate: string, referenceId: string, parts: Parts])[]) =>
  entries.map(([due_date, reference_id, parts]) => ({ due_date, reference_id, details: details(parts) }))

export const scheduled = (...entries: Parameters<typeof plan>): Said =>
  say('erp.schedule.set.v1', { payment_schedule: plan(...entries) })

export const listed = (parts: Parts | null, data: object = {}) => {
  const { identifier: _, ...place } = STUDENT
  const fees = parts === null ? {} : { fee_components: details(parts) }
  return { ...place, ...PROFILE, status: 'active', ...fees, ...data }
}

export const snapshot = (...enrolments: object[]): Said => ({
  type: 'erp.student.snapshot.v1',
  data: { student: { identifier: 'S-1' }, enrolments },
})

/** A snapshot that also speaks for other sources. */
export const replacing = (replaces: readonly string[], ...enrolments: object[]): Said => {
  const said = snapshot(...enrolments)
  return { ...said, data: { ...said.data, replaces } }
}

/** The same event with other attributes: a sequence, a source, a time, an id. */
export const as = (said: Said, attributes: Partial<Said>): Said => ({ ...said, ...attributes })
