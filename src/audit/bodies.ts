import { compareYears } from '../../projections/values/years.ts'

/** Where the projection's answer and the ERP's say something else. */
export type Difference = { readonly field: string; readonly projection: unknown; readonly erp: unknown }

export type ComparedAnswer = { readonly status: 200 | 422; readonly body: string }

/**
 * Field by field, in the names of the answer. Only what an answer consists of is compared: an ERP's further fields, the
 * words of a message, and details with nothing left to pay do not matter; ids and years may be numbers.
 */
export const differencesOf = (projection: ComparedAnswer, erp: ComparedAnswer): readonly Difference[] => {
  const [ours, theirs] = [fieldsOf(projection), fieldsOf(erp)]
  return [...new Set([...ours.keys(), ...theirs.keys()])].flatMap((field) => {
    const [a, b] = [ours.get(field) ?? null, theirs.get(field) ?? null]
    return isSame(field, a, b) ? [] : [{ field, projection: a, erp: b }]
  })
}

type Value = string | number | boolean
type AnswerFields = ReadonlyMap<string, Value>

const isSame = (field: string, a: Value | null, b: Value | null): boolean => {
  if (a === b) return true
  if (a === null || b === null) return false
  if (MONEY.test(field)) return Math.round(Number(a) * 100) === Math.round(Number(b) * 100)
  if (field.startsWith('student.academic_year')) return compareYears(String(a), String(b)) === 0
  return String(a) === String(b)
}

const MONEY = /^(fee_components|payment_schedule)\[.*\]$/

const STUDENT = [
  'fullname',
  'identifier',
  'collector_code',
  'grade',
  'new_admission',
  'academic_year_start',
  'academic_year_end',
  'date_of_birth',
  'primary_contact_name',
  'primary_contact_number',
  'primary_contact_email',
] as const

type Success = {
  readonly student: Readonly<Record<string, Value | null | undefined>>
  readonly fee_components: readonly { readonly component_type: string; readonly fee_amount: number }[]
  readonly payment_schedule?:
    | readonly {
        readonly due_date: string
        readonly reference_id?: string | null
        readonly details: readonly { readonly component_type: string; readonly amount: number }[]
      }[]
    | null
  readonly user?: { readonly name: string; readonly phone: string } | null
}

const fieldsOf = ({ status, body }: ComparedAnswer): AnswerFields => {
  const answer = JSON.parse(body) as { readonly data?: Success; readonly code?: string }
  const fields = new Map<string, Value>([['status', status]])
  const set = (field: string, value: Value | null | undefined): void => {
    if (value !== null && value !== undefined) fields.set(field, value)
  }
  set('code', answer.code)
  if (status !== 200 || !answer.data) return fields
  const { student, fee_components, payment_schedule, user } = answer.data
  for (const name of STUDENT) set(`student.${name}`, student[name])
  for (const { component_type, fee_amount } of fee_components) set(`fee_components[${component_type}]`, fee_amount)
  for (const { due_date, reference_id, details } of payment_schedule ?? [])
    for (const { component_type, amount } of details)
      if (amount > 0) set(`payment_schedule[${[due_date, reference_id ?? '', component_type].join(' ')}]`, amount)
  set('user.name', user?.name)
  set('user.phone', user?.phone)
  return fields
}
