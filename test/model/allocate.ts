import { percentOf } from './money.ts'
import type { Discount, Enrolment, Fee, Instalment, Paise, Payment, Policy } from './types.ts'

/** What is still to be paid: per component in the ERP's order and, where there is a schedule, per detail. */
export type Due = { readonly components: readonly Fee[]; readonly schedule: readonly Instalment[] | null }

const least = (...amounts: Paise[]): Paise => amounts.toSorted((a, b) => Number(a - b))[0] ?? 0n

/** Gross less discounts. Each percent is rounded by itself; together they are never more than the gross. */
export const netOf = (fee: Fee, discounts: readonly Discount[]): Paise => {
  const worth = discounts
    .filter((discount) => discount.component === fee.component)
    .reduce((sum, discount) => sum + (discount.amount ?? percentOf(fee.amount, discount.percent ?? 0n)), 0n)
  return fee.amount - least(worth, fee.amount)
}

/** Assessed; and where a schedule is set, its sum over each component of either is that component's net. */
export const isCoherent = ({ money }: Enrolment): boolean => {
  if (!money.assessed || money.awaitsSnapshot) return false
  if (money.schedule === null) return true
  const details = money.schedule.flatMap((entry) => entry.details)
  const components = new Set([...money.fees, ...details].map((fee) => fee.component))
  return [...components].every((component) => {
    const scheduled = details.filter((detail) => detail.component === component)
    const fee = money.fees.find((one) => one.component === component)
    const net = fee === undefined ? 0n : netOf(fee, money.discounts)
    return scheduled.reduce((sum, detail) => sum + detail.amount, 0n) === net
  })
}

const counts = (payment: Payment, basis: Policy['balance_basis']): boolean =>
  basis === 'outstanding' || (basis === 'net_of_direct' && payment.collectedBy === 'institute')

/** Of a coherent enrolment. */
export const allocate = ({ money }: Enrolment, basis: Policy['balance_basis']): Due => {
  const left = new Map(money.fees.map((fee) => [fee.component, netOf(fee, money.discounts)]))
  const details = (money.schedule ?? []).flatMap((entry, position) =>
    entry.details.map((detail) => ({
      component: detail.component,
      referenceId: entry.referenceId,
      dueDate: entry.dueDate,
      position,
      left: detail.amount,
    })),
  )
  // The sort is stable, so the details of one entry keep their order.
  const oldestFirst = details.toSorted(
    (a, b) => Number(a.dueDate > b.dueDate) - Number(a.dueDate < b.dueDate) || a.position - b.position,
  )
  const pay = (detail: (typeof details)[number], most: Paise): Paise => {
    const paid = least(most, detail.left, left.get(detail.component) ?? 0n)
    detail.left -= paid
    left.set(detail.component, (left.get(detail.component) ?? 0n) - paid)
    return paid
  }
  const payComponent = (component: string, most: Paise): Paise => {
    const paid = least(most, left.get(component) ?? 0n)
    if (left.has(component)) left.set(component, (left.get(component) ?? 0n) - paid)
    return paid
  }
  const payOldest = (chosen: typeof details, most: Paise): Paise =>
    chosen.reduce((paid, detail) => paid + pay(detail, most - paid), 0n)

  let rests = 0n
  for (const payment of money.payments.filter((one) => counts(one, basis))) {
    let placed = 0n
    for (const { component, amount, referenceId } of payment.allocations) {
      const named = details.find(
        (detail) => referenceId !== null && detail.referenceId === referenceId && detail.component === component,
      )
      if (money.schedule === null) placed += payComponent(component, amount)
      else if (named !== undefined) placed += pay(named, amount)
      else
        placed += payOldest(
          oldestFirst.filter((detail) => detail.component === component),
          amount,
        )
    }
    rests += payment.amount - placed
  }
  rests -= payOldest(oldestFirst, rests)
  for (const fee of money.fees) rests -= payComponent(fee.component, rests)

  const remaining = details.values()
  return {
    components: money.fees.map((fee) => ({ component: fee.component, amount: left.get(fee.component) ?? 0n })),
    schedule:
      money.schedule?.map((entry) => ({
        ...entry,
        details: entry.details.map((detail) => ({ ...detail, amount: remaining.next().value?.left ?? 0n })),
      })) ?? null,
  }
}
