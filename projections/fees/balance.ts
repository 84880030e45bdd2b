import type { Instalment } from '../events/shapes.ts'
import type { Enrolment } from '../state/student.ts'
import { UNSETTLED } from '../state/unsettled.ts'
import type { IsoDate, Paise } from '../values/ids.ts'
import { add, formatRupees, subtract, ZERO } from '../values/money.ts'
import { placePayments } from './allocate.ts'
import { type Cell, type Ledger, type LedgerEntry, openLedger } from './ledger.ts'
import type { Policy } from './policy.ts'

/** A component and what is left to pay on it. */
export type Due = { readonly component_type: string; readonly amount: Paise }
export type DueInstalment = { readonly instalment: Instalment; readonly details: readonly Due[] }

/** What an answer with money lacks: settled facts, assessed fees, or a schedule that agrees with them. */
export const WANTS = ['settled', 'assessed', 'agreeing'] as const
export type Want = (typeof WANTS)[number]

export type Incoherent = { readonly kind: 'incoherent'; readonly wants: Want; readonly why: string }

/** The dues of an active enrolment on a day, in the ERP's order; or why its facts do not allow an answer. */
export type Balance =
  | {
      readonly kind: 'coherent'
      readonly components: readonly Due[]
      readonly schedule: readonly DueInstalment[] | null
    }
  | Incoherent

export const balanceOf = (enrolment: Enrolment, policy: Policy, today: IsoDate): Balance => {
  const paid = paidLedger(enrolment, policy, today)
  if (paid.kind === 'incoherent') return paid
  const { components, schedule } = paid.ledger
  return {
    kind: 'coherent',
    components: components.map(dueOf),
    schedule: schedule?.map(({ instalment, details }) => ({ instalment, details: details.map(dueOf) })) ?? null,
  }
}

const dueOf = ({ component_type, net, counted }: Cell): Due => ({ component_type, amount: subtract(net, counted) })

/** The ledger with all payments placed. */
export const paidLedger = (
  enrolment: Enrolment,
  policy: Policy,
  today: IsoDate,
): { readonly kind: 'paid'; readonly ledger: Ledger } | Incoherent => {
  const [doubt] = enrolment.unsettled
  if (doubt) return incoherent('settled', UNSETTLED[doubt])
  if (enrolment.fees === null) return incoherent('assessed', 'fees have not been assessed yet')
  const ledger = openLedger(enrolment, today)
  if (typeof ledger === 'string') return incoherent('agreeing', ledger)
  const why = ledger.schedule && mismatch(ledger.components, ledger.schedule)
  if (why) return incoherent('agreeing', why)
  if (enrolment.payments.length > 0) placePayments(enrolment.payments, ledger, policy)
  return { kind: 'paid', ledger }
}

const incoherent = (wants: Want, why: string): Incoherent => ({ kind: 'incoherent', wants, why })

/** For every component in either, the schedule's details must sum to its net. */
const mismatch = (components: readonly Cell[], schedule: readonly LedgerEntry[]): string | null => {
  const planned = new Map<string, Paise>()
  for (const { details } of schedule)
    for (const { component_type, net } of details)
      planned.set(component_type, add(planned.get(component_type) ?? ZERO, net))
  for (const { component_type, net } of components) {
    const sum = planned.get(component_type) ?? ZERO
    if (sum !== net) return differs(component_type, sum, net)
    planned.delete(component_type)
  }
  for (const [type, sum] of planned) if (sum !== ZERO) return differs(type, sum, ZERO)
  return null
}

const differs = (type: string, sum: Paise, net: Paise): string =>
  `the schedule of ${type} sums to ${formatRupees(sum)}, its net is ${formatRupees(net)}`
