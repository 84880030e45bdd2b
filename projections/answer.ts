import { type Balance, balanceOf, type Due, type DueInstalment, type Policy } from './allocate.ts'
import { formatRupees } from './money.ts'
import type { Enrolment, Left, Status } from './student.ts'

/** A finished response body, or that there is none because the facts do not add up. */
export type Answer =
  | { readonly kind: 'success'; readonly body: string }
  | { readonly kind: 'left'; readonly code: 'student_discontinued' | 'student_transferred'; readonly body: string }
  | { readonly kind: 'incoherent'; readonly why: string }

/** A function of the facts as they are now, whatever came before. */
export const answerFor = (enrolment: Enrolment, status: Status, identifier: string, policy: Policy): Answer => {
  if (status.kind !== 'active') return leftAnswer(status)
  const balance = balanceOf(enrolment, policy)
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
  `{"status":"error","message":${JSON.stringify(message)},"code":${JSON.stringify(code)}}`

const successBody = (
  { key, yearEnd, profile }: Enrolment,
  identifier: string,
  balance: Extract<Balance, { kind: 'coherent' }>,
  policy: Policy,
): string => {
  const student = [
    member('fullname', profile.fullname),
    member('identifier', identifier),
    member('collector_code', key.collectorCode ?? undefined),
    member('grade', key.grade),
    member('new_admission', profile.new_admission),
    member('academic_year_start', key.yearStart),
    member('academic_year_end', yearEnd),
    member('date_of_birth', profile.date_of_birth),
    member('primary_contact_name', profile.primary_contact_name),
    member('primary_contact_number', profile.primary_contact_number),
    member('primary_contact_email', profile.primary_contact_email),
  ]
  const components = balance.components.map(
    (item) => `{"component_type":${JSON.stringify(item.component_type)},"fee_amount":${formatRupees(item.amount)}}`,
  )
  const data = [
    `"student":{${present(student)}}`,
    `"fee_components":[${components.join(',')}]`,
    balance.schedule ? `"payment_schedule":[${scheduleItems(balance.schedule, policy).join(',')}]` : '',
    profile.user
      ? `"user":{"name":${JSON.stringify(profile.user.name)},"phone":${JSON.stringify(profile.user.phone)}}`
      : '',
  ]
  return `{"status":"success","data":{${present(data)}}}`
}

const scheduleItems = (schedule: readonly DueInstalment[], policy: Policy): string[] =>
  schedule.flatMap(({ instalment, details }) => {
    const shown = policy.paid_instalments === 'omit' ? details.filter((detail) => detail.amount > 0) : details
    if (shown.length === 0) return []
    const members = [
      member('due_date', instalment.due_date),
      member('reference_id', instalment.reference_id),
      member('identifier', instalment.identifier),
      member('is_downpayment', instalment.is_downpayment),
      `"details":[${shown.map(detailItem).join(',')}]`,
    ]
    return [`{${present(members)}}`]
  })

const detailItem = (detail: Due): string =>
  `{"component_type":${JSON.stringify(detail.component_type)},"amount":${formatRupees(detail.amount)}}`

const member = (name: string, value: string | boolean | undefined): string =>
  value === undefined ? '' : `"${name}":${JSON.stringify(value)}`

const present = (members: readonly string[]): string => members.filter((text) => text !== '').join(',')
