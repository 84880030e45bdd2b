import { type Balance, balanceOf, type Due, type DueInstalment, type Incoherent } from '../fees/balance.ts'
import type { Policy } from '../fees/policy.ts'
import type { Enrolment, EnrolmentStatus, Left } from '../state/student.ts'
import type { IsoDate } from '../values/ids.ts'
import { quoted } from '../values/json-string.ts'

/** A finished response body, or why the facts do not allow one. */
export type Answer =
  | { readonly kind: 'success'; readonly body: string }
  | { readonly kind: 'left'; readonly code: 'student_discontinued' | 'student_transferred'; readonly body: string }
  | Incoherent

/** A function of the facts and the day, whatever came before. */
export const answerFor = (
  enrolment: Enrolment,
  status: EnrolmentStatus,
  identifier: string,
  policy: Policy,
  today: IsoDate,
): Answer => {
  if (status.kind !== 'active') return leftAnswer(status)
  const balance = balanceOf(enrolment, policy, today)
  if (balance.kind === 'incoherent') return balance
  return { kind: 'success', body: successBody(enrolment, identifier, balance, policy) }
}

const LEFT_MESSAGE = {
  discontinued: 'The student is no longer enrolled here.',
  transferred: 'The student has been transferred.',
} as const

const leftAnswer = (left: Left): Answer => {
  const code = `student_${left.kind}` as const
  return { kind: 'left', code, body: errorBody(left.message ?? LEFT_MESSAGE[left.kind], code) }
}

/** The envelope of every answer that is not a success. */
export const errorBody = (message: string, code: string): string =>
  `{"status":"error","message":${quoted(message)},"code":${quoted(code)}}`

const successBody = (
  { key, yearEnd, profile }: Enrolment,
  identifier: string,
  balance: Extract<Balance, { kind: 'coherent' }>,
  policy: Policy,
): string =>
  JSON.stringify({
    status: 'success',
    data: {
      student: {
        fullname: profile.fullname,
        identifier,
        collector_code: key.collectorCode ?? undefined,
        grade: key.grade,
        new_admission: profile.new_admission,
        academic_year_start: key.yearStart,
        academic_year_end: yearEnd,
        date_of_birth: profile.date_of_birth,
        primary_contact_name: profile.primary_contact_name,
        primary_contact_number: profile.primary_contact_number,
        primary_contact_email: profile.primary_contact_email,
      },
      fee_components: balance.components.map(({ component_type, amount }) => ({
        component_type,
        fee_amount: amount / 100,
      })),
      payment_schedule: balance.schedule ? scheduleItems(balance.schedule, policy) : undefined,
      user: profile.user && { name: profile.user.name, phone: profile.user.phone },
    },
  })

const scheduleItems = (schedule: readonly DueInstalment[], { paid_instalments }: Policy): readonly object[] => {
  const items: object[] = []
  for (const { instalment, details } of schedule) {
    const shown = paid_instalments === 'omit' ? details.filter(({ amount }) => amount > 0) : details
    if (shown.length === 0) continue
    const { due_date, reference_id, identifier, is_downpayment } = instalment
    items.push({ due_date, reference_id, identifier, is_downpayment, details: shown.map(detailItem) })
  }
  return items
}

const detailItem = ({ component_type, amount }: Due): object => ({ component_type, amount: amount / 100 })
