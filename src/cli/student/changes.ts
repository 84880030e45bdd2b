import type { Enrolment, EnrolmentStanding, Student } from '../../../projections/state/student.ts'
import { UNSETTLED } from '../../../projections/state/unsettled.ts'
import { formatRupees } from '../../../projections/values/money.ts'
import { enrolmentText } from './suspect-reason-text.ts'

/** What an event changed, fact by fact; `null`: was not there, or is there no more. */
export type Change = {
  readonly enrolment: string
  readonly what: string
  readonly from: string | null
  readonly to: string | null
}

export const changesOf = (before: Student, after: Student): readonly Change[] => {
  const was = new Map(before.enrolments.map((enrolment) => [enrolmentText(enrolment.key), factsOf(enrolment)]))
  const is = new Map(after.enrolments.map((enrolment) => [enrolmentText(enrolment.key), factsOf(enrolment)]))
  const names = [...new Set([...was.keys(), ...is.keys()])]
  return names.flatMap((enrolment) => differences(was.get(enrolment), is.get(enrolment), enrolment))
}

type MoneyFacts = ReadonlyMap<string, string>
const NOTHING: MoneyFacts = new Map()

const differences = (was: MoneyFacts | undefined, is: MoneyFacts | undefined, enrolment: string): readonly Change[] => {
  const names = [...new Set([...(was ?? NOTHING).keys(), ...(is ?? NOTHING).keys()])]
  return names.flatMap((what) => {
    const [from, to] = [was?.get(what) ?? null, is?.get(what) ?? null]
    return from === to ? [] : [{ enrolment, what, from, to }]
  })
}

const factsOf = ({ standing, profile, fees, discounts, charges, payments, ...rest }: Enrolment): MoneyFacts => {
  const facts = new Map<string, string>([
    ['standing', standingWord(standing)],
    ['belongs to', rest.owner],
    ['academic_year_end', rest.yearEnd],
  ])
  for (const [name, value] of Object.entries(profile))
    if (value !== undefined) facts.set(name, typeof value === 'object' ? JSON.stringify(value) : String(value))
  if (fees !== null && fees.length === 0) facts.set('fees', 'none')
  for (const { component_type, amount } of fees ?? []) facts.set(`fee ${component_type}`, formatRupees(amount))
  for (const { discount_id, component_type, amount, percent } of discounts) {
    const worth = amount === undefined ? `${(percent ?? 0) / 10_000} %` : formatRupees(amount)
    facts.set(`discount ${discount_id}`, `${worth} of ${component_type}`)
  }
  for (const { charge_id, component_type, amount, reference_id, due_date, effective_on } of charges) {
    const place = due_date === undefined ? `in ${reference_id}` : `due ${due_date}`
    const from = effective_on === undefined ? '' : `, from ${effective_on}`
    facts.set(`charge ${charge_id}`, `${formatRupees(amount)} of ${component_type}, ${place}${from}`)
  }
  for (const { payment_id, amount, paid_on, status, collected_by, allocations } of payments) {
    const parts = (allocations ?? []).map((one) => `${one.component_type} ${formatRupees(one.amount)}`)
    const placed = parts.length > 0 ? ` (${parts.join(', ')})` : ''
    facts.set(
      `payment ${payment_id}`,
      `${formatRupees(amount)} on ${paid_on} by ${collected_by}${status === 'pending' ? ', pending' : ''}${placed}`,
    )
  }
  for (const { due_date, details, reference_id } of rest.schedule ?? []) {
    const parts = details.map(({ component_type, amount }) => `${component_type} ${formatRupees(amount)}`)
    facts.set(`instalment ${due_date}${reference_id ? ` ${reference_id}` : ''}`, parts.join(', '))
  }
  for (const doubt of rest.unsettled) facts.set(`unsettled: ${UNSETTLED[doubt]}`, 'yes')
  return facts
}

const standingWord = ({ now, leaving }: EnrolmentStanding): string => {
  const word = now.kind === 'active' ? 'active' : `${now.kind} on ${now.on}`
  return leaving ? `${word}, ${leaving.kind} from ${leaving.on}` : word
}
