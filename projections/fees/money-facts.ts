import type { Charge, Payment } from '../events/shapes.ts'
import type { SingleFact } from '../events/single-facts.ts'
import type { Enrolment } from '../state/student.ts'

/** Facts about fees, discounts, charges, payments or schedule. */
export type MoneyFact = Exclude<SingleFact, { type: `erp.student.${string}` }>

/** What a fact about money does to its enrolment; `null` where there was nothing to do. */
export const changeMoney = (enrolment: Enrolment, fact: MoneyFact): Enrolment | null => {
  const set = (part: Partial<Enrolment>): Enrolment => ({ ...enrolment, ...part })
  switch (fact.type) {
    case 'erp.fees.assessed.v1':
      return set({ fees: fact.data.fee_components })
    case 'erp.fee.changed.v1': {
      const { component_type, amount } = fact.data
      return set({ fees: upsert(enrolment.fees ?? [], { component_type, amount }, (item) => item.component_type) })
    }
    case 'erp.fee.removed.v1':
      return without(
        enrolment.fees ?? [],
        (item) => item.component_type === fact.data.component_type,
        (fees) => set({ fees }),
      )
    case 'erp.discount.granted.v1': {
      const { discount_id, component_type, amount, percent } = fact.data
      const discount = { discount_id, component_type, amount, percent }
      return set({ discounts: upsert(enrolment.discounts, discount, (item) => item.discount_id) })
    }
    case 'erp.discount.revoked.v1':
      return without(
        enrolment.discounts,
        (item) => item.discount_id === fact.data.discount_id,
        (discounts) => set({ discounts }),
      )
    case 'erp.charge.added.v1': {
      const { charge_id, component_type, amount, reference_id, due_date, effective_on } = fact.data
      const charge: Charge = { charge_id, component_type, amount, reference_id, due_date, effective_on }
      return set({ charges: upsert(enrolment.charges, charge, (item) => item.charge_id) })
    }
    case 'erp.charge.removed.v1':
      return without(
        enrolment.charges,
        (item) => item.charge_id === fact.data.charge_id,
        (charges) => set({ charges }),
      )
    case 'erp.payment.recorded.v1': {
      const { payment_id, amount, paid_on, status, collected_by, allocations } = fact.data
      const payment: Payment = { payment_id, amount, paid_on, status, collected_by, allocations }
      return set({ payments: upsert(enrolment.payments, payment, (item) => item.payment_id) })
    }
    case 'erp.payment.reversed.v1':
      return without(
        enrolment.payments,
        (item) => item.payment_id === fact.data.payment_id,
        (payments) => set({ payments }),
      )
    case 'erp.schedule.set.v1':
      return set({ schedule: fact.data.payment_schedule })
    case 'erp.schedule.cleared.v1':
      return set({ schedule: null })
  }
}

/** Replaces the item with the same id in place, or appends the item. */
const upsert = <T>(items: readonly T[], item: T, id: (item: T) => string): readonly T[] => {
  const index = items.findIndex((known) => id(known) === id(item))
  return index < 0 ? [...items, item] : items.with(index, item)
}

const without = <T>(
  items: readonly T[],
  matches: (item: T) => boolean,
  set: (rest: readonly T[]) => Enrolment,
): Enrolment | null => {
  const rest = items.filter((item) => !matches(item))
  return rest.length === items.length ? null : set(rest)
}
