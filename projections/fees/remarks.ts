import type { Enrolment } from '../state/student.ts'
import { UNSETTLED } from '../state/unsettled.ts'
import type { IsoDate } from '../values/ids.ts'
import { formatRupees } from '../values/money.ts'
import { isInEffect } from './ledger.ts'
import { isPlaced, type Policy } from './policy.ts'

/** Remarks for a person on an enrolment's facts on a day, in addition to its balance. */
export const remarksOf = (enrolment: Enrolment, policy: Policy, today: IsoDate): readonly string[] => [
  ...enrolment.unsettled.map((doubt) => `unsettled: ${UNSETTLED[doubt]}`),
  ...idleDiscounts(enrolment),
  ...chargesToCome(enrolment, today),
  ...ignoredPayments(enrolment, policy),
]

const idleDiscounts = ({ discounts, fees }: Enrolment): readonly string[] => {
  const assessed = new Set((fees ?? []).map(({ component_type }) => component_type))
  return discounts
    .filter(({ component_type }) => !assessed.has(component_type))
    .map(
      ({ discount_id, component_type }) =>
        `the discount ${discount_id} is worth nothing: the fees have no component ${component_type}`,
    )
}

const chargesToCome = ({ charges }: Enrolment, today: IsoDate): readonly string[] =>
  charges
    .filter((charge) => !isInEffect(charge, today))
    .map(
      ({ charge_id, component_type, amount, effective_on }) =>
        `the charge ${charge_id} of ${formatRupees(amount)} (${component_type}) counts from ${effective_on}`,
    )

const ignoredPayments = ({ payments }: Enrolment, policy: Policy): readonly string[] =>
  payments
    .filter((payment) => !isPlaced(payment, policy))
    .map(({ payment_id, amount }) => `the payment ${payment_id} of ${formatRupees(amount)} is pending, and is ignored`)
