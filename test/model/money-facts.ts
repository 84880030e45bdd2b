import type { Money, MoneyChange } from './types.ts'

export const NO_MONEY: Money = {
  assessed: false,
  fees: [],
  discounts: [],
  charges: [],
  payments: [],
  schedule: null,
}

export const hasNoMoney = ({ assessed, schedule, ...lists }: Money): boolean =>
  !assessed && schedule === null && Object.values(lists).every((list) => list.length === 0)

/** The money after a change; null where something unknown was removed, revoked or reversed. */
export const changeMoney = (money: Money, change: MoneyChange): Money | null => {
  switch (change.type) {
    case 'fees.assessed':
      return { ...money, assessed: true, fees: change.fees }
    case 'fee.changed':
      return { ...money, assessed: true, fees: upsert(money.fees, change.fee, (fee) => fee.component) }
    case 'fee.removed': {
      const fees = without(money.fees, (fee) => fee.component === change.component)
      return fees && { ...money, fees }
    }
    case 'discount.granted':
      return { ...money, discounts: upsert(money.discounts, change.discount, (discount) => discount.id) }
    case 'discount.revoked': {
      const discounts = without(money.discounts, (discount) => discount.id === change.id)
      return discounts && { ...money, discounts }
    }
    case 'charge.added':
      return { ...money, charges: upsert(money.charges, change.charge, (charge) => charge.id) }
    case 'charge.removed': {
      const charges = without(money.charges, (charge) => charge.id === change.id)
      return charges && { ...money, charges }
    }
    case 'payment.recorded':
      return { ...money, payments: upsert(money.payments, change.payment, (payment) => payment.id) }
    case 'payment.reversed': {
      const payments = without(money.payments, (payment) => payment.id === change.id)
      return payments && { ...money, payments }
    }
    case 'schedule.set':
      return { ...money, schedule: change.schedule }
    case 'schedule.cleared':
      return { ...money, schedule: null }
  }
}

/** In the place of the one with the same id; last when there is none. */
const upsert = <T>(items: readonly T[], item: T, idOf: (item: T) => string): readonly T[] =>
  items.some((one) => idOf(one) === idOf(item))
    ? items.map((one) => (idOf(one) === idOf(item) ? item : one))
    : [...items, item]

const without = <T>(items: readonly T[], gone: (item: T) => boolean): readonly T[] | null =>
  items.some(gone) ? items.filter((item) => !gone(item)) : null
