import type { Instalment } from '../events/shapes.ts'
import type { Enrolment } from '../state/student.ts'
import type { IsoDate, Paise } from '../values/ids.ts'
import { add, subtract, ZERO } from '../values/money.ts'
import { type Incoherent, paidLedger } from './balance.ts'
import type { Component, LedgerEntry } from './ledger.ts'
import { counts, type Policy } from './policy.ts'

/** How a balance comes about on a day, for a person: from the very ledger that the answer is made of. */
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
  | Incoherent

export type StatedComponent = {
  readonly component_type: string
  readonly gross: Paise
  readonly discount: Paise
  readonly charges: Paise
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

export const statementOf = (enrolment: Enrolment, policy: Policy, today: IsoDate): Statement => {
  const balance = paidLedger(enrolment, policy, today)
  if (balance.kind === 'incoherent') return balance
  const { components, schedule } = balance.ledger
  const counting = enrolment.payments.filter((payment) => counts(payment, policy))
  const paid = sum(counting.map(({ amount }) => amount))
  return {
    kind: 'coherent',
    components: components.map(statedComponent),
    schedule: schedule?.map(statedEntry) ?? null,
    due: sum(components.map(({ net, counted }) => subtract(net, counted))),
    paid,
    credit: subtract(paid, sum(components.map(({ counted }) => counted))),
  }
}

const sum = (amounts: readonly Paise[]): Paise => amounts.reduce(add, ZERO)

const statedComponent = ({ component_type, gross, discount, charged, net, counted }: Component): StatedComponent => ({
  component_type,
  gross,
  discount,
  charges: charged,
  net,
  paid: counted,
  due: subtract(net, counted),
})

const statedEntry = ({ instalment, details }: LedgerEntry): StatedInstalment => ({
  instalment,
  details: details.map(({ component_type, net, counted }) => ({
    component_type,
    amount: net,
    paid: counted,
    due: subtract(net, counted),
  })),
})
