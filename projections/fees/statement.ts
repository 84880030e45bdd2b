import type { Instalment } from '../events/event.ts'
import type { Enrolment } from '../state/student.ts'
import type { Paise } from '../values/ids.ts'
import { add, subtract, ZERO } from '../values/money.ts'
import { balanceOf, counts, type DueInstalment, type Policy } from './allocate.ts'

/** How a balance comes about, for a person: between the facts and the answer, in the words of `balanceOf` alone. */
export type Statement =
  | {
      readonly kind: 'coherent'
      readonly components: readonly StatedComponent[]
      readonly schedule: readonly StatedInstalment[] | null
      readonly due: Paise
      /** What the payments that count sum to. */
      readonly paid: Paise
      /** What of them pays nothing yet. */
      readonly credit: Paise
    }
  | { readonly kind: 'incoherent'; readonly why: string }

export type StatedComponent = {
  readonly component_type: string
  readonly gross: Paise
  readonly discount: Paise
  readonly net: Paise
  readonly paid: Paise
  readonly due: Paise
}

export type StatedInstalment = {
  readonly instalment: Instalment
  readonly details: readonly {
    readonly component_type: string
    readonly amount: Paise
    readonly paid: Paise
    readonly due: Paise
  }[]
}

export const statementOf = (enrolment: Enrolment, policy: Policy): Statement => {
  const balance = balanceOf(enrolment, policy)
  if (balance.kind === 'incoherent') return balance
  // With no payment counted, what is due is the net: gross less discounts.
  const nets = balanceOf(enrolment, { ...policy, balance_basis: 'payable' })
  if (nets.kind === 'incoherent') return nets
  const components = balance.components.map(({ component_type, amount: due }, index): StatedComponent => {
    const gross = enrolment.fees![index]!.amount
    const net = nets.components[index]!.amount
    return { component_type, gross, discount: subtract(gross, net), net, paid: subtract(net, due), due }
  })
  const paid = enrolment.payments.filter(counts(policy)).reduce((sum, payment) => add(sum, payment.amount), ZERO)
  const placed = components.reduce((sum, component) => add(sum, component.paid), ZERO)
  return {
    kind: 'coherent',
    components,
    schedule: balance.schedule?.map(stated) ?? null,
    due: components.reduce((sum, component) => add(sum, component.due), ZERO),
    paid,
    credit: subtract(paid, placed),
  }
}

const stated = ({ instalment, details }: DueInstalment): StatedInstalment => ({
  instalment,
  details: details.map(({ component_type, amount: due }, index) => {
    const { amount } = instalment.details[index]!
    return { component_type, amount, paid: subtract(amount, due), due }
  }),
})
