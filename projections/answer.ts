import { type Balance, balanceOf, type Due, type DueInstalment, type Policy } from './allocate.ts'
import { formatRupees } from './money.ts'
import { quoted } from './quoted.ts'
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
  `{"status":"error","message":${quoted(message)},"code":${quoted(code)}}`

const successBody = (
  { key, yearEnd, profile }: Enrolment,
  identifier: string,
  balance: Extract<Balance, { kind: 'coherent' }>,
  policy: Policy,
): string => {
  const student = `{"fullname":${quoted(profile.fullname)},"identifier":${quoted(identifier)}${
    key.collectorCode === null ? '' : `,"collector_code":${quoted(key.collectorCode)}`
  },"grade":${quoted(key.grade)},"new_admission":${profile.new_admission},"academic_year_start":${quoted(
    key.yearStart,
  )},"academic_year_end":${quoted(yearEnd)}${
    profile.date_of_birth === undefined ? '' : `,"date_of_birth":"${profile.date_of_birth}"`
  },"primary_contact_name":${quoted(profile.primary_contact_name)},"primary_contact_number":${quoted(
    profile.primary_contact_number,
  )},"primary_contact_email":${quoted(profile.primary_contact_email)}}`
  const components = list(balance.components, (due) => lineOf(due, 'fee_amount'))
  const schedule = balance.schedule ? `,"payment_schedule":[${scheduleItems(balance.schedule, policy)}]` : ''
  const user = profile.user ? `,"user":{"name":${quoted(profile.user.name)},"phone":${quoted(profile.user.phone)}}` : ''
  return `{"status":"success","data":{"student":${student},"fee_components":[${components}]${schedule}${user}}}`
}

const scheduleItems = (schedule: readonly DueInstalment[], policy: Policy): string =>
  list(schedule, ({ instalment, details }) => {
    const shown = policy.paid_instalments === 'omit' ? details.filter((detail) => detail.amount > 0) : details
    if (shown.length === 0) return ''
    const { due_date, reference_id, identifier, is_downpayment } = instalment
    return `{"due_date":"${due_date}"${reference_id === undefined ? '' : `,"reference_id":${quoted(reference_id)}`}${
      identifier === undefined ? '' : `,"identifier":${quoted(identifier)}`
    }${is_downpayment === undefined ? '' : `,"is_downpayment":${is_downpayment}`},"details":[${list(shown, (due) =>
      lineOf(due, 'amount'),
    )}]}`
  })

const lineOf = ({ component_type, amount }: Due, name: 'fee_amount' | 'amount'): string =>
  `{"component_type":${quoted(component_type)},"${name}":${formatRupees(amount)}}`

/** The items' texts with commas between them; empty ones are left out. */
const list = <T>(items: readonly T[], textOf: (item: T) => string): string => {
  let text = ''
  for (const item of items) {
    const next = textOf(item)
    if (next !== '') text += text === '' ? next : `,${next}`
  }
  return text
}
