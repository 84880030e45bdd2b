import { percentOf } from './money.ts'
import type { Charge, Discount, Fee, Instalment, Money, Paise } from './types.ts'

/** What is due on a day before any payment: each component's net, and the schedule with the charges in it. */
export type Due = {
  readonly components: readonly Fee[]
  readonly schedule: readonly Instalment[] | null
  /** Why the two do not go together; empty where they do. */
  readonly faults: readonly DueFault[]
}
export type DueFault = 'unknown_reference' | 'charge_id_taken' | 'sum_differs'

export const least = (...amounts: Paise[]): Paise => amounts.toSorted((a, b) => Number(a - b))[0] ?? 0n

/** Gross less discounts. Each percent is rounded by itself; together they are never more than the gross. */
export const afterDiscounts = (fee: Fee, discounts: readonly Discount[]): Paise => {
  const worth = discounts
    .filter((discount) => discount.component === fee.component)
    .reduce((sum, discount) => sum + (discount.amount ?? percentOf(fee.amount, discount.percent ?? 0n)), 0n)
  return fee.amount - least(worth, fee.amount)
}

export const dueOn = (money: Money, day: string): Due => {
  const charges = money.charges.filter(({ from }) => from === null || from <= day)
  const fees = money.fees.map((fee) => ({ ...fee, amount: afterDiscounts(fee, money.discounts) }))
  const components = charges.reduce(withAmount, fees)
  if (money.schedule === null) return { components, schedule: null, faults: [] }
  const { schedule, faults } = withCharges(money.schedule, charges)
  const sumsAgree = hasSums(schedule, components)
  return { components, schedule, faults: [...new Set([...faults, ...(sumsAgree ? [] : ['sum_differs' as const])])] }
}

/** Added to the component, which stands last where it is new. */
const withAmount = (fees: readonly Fee[], { component, amount }: Fee): readonly Fee[] =>
  fees.some((fee) => fee.component === component)
    ? fees.map((fee) => (fee.component === component ? { component, amount: fee.amount + amount } : fee))
    : [...fees, { component, amount }]

/** Charges with a day are entries of their own after the ERP's; the others stand in the entry that they name. */
const withCharges = (
  planned: readonly Instalment[],
  charges: readonly Charge[],
): { readonly schedule: readonly Instalment[]; readonly faults: readonly DueFault[] } => {
  const dated = charges.flatMap(({ id, component, amount, at }) =>
    'dueDate' in at
      ? [
          {
            dueDate: at.dueDate,
            referenceId: id,
            identifier: null,
            isDownpayment: null,
            details: [{ component, amount }],
          },
        ]
      : [],
  )
  const taken = dated.some(({ referenceId }) => planned.some((entry) => entry.referenceId === referenceId))
  const faults: DueFault[] = taken ? ['charge_id_taken'] : []
  let schedule: readonly Instalment[] = [...planned, ...dated]
  for (const charge of charges) {
    if ('dueDate' in charge.at) continue
    const { referenceId } = charge.at
    if (!schedule.some((entry) => entry.referenceId === referenceId)) faults.push('unknown_reference')
    schedule = schedule.map((entry) =>
      entry.referenceId === referenceId ? { ...entry, details: withAmount(entry.details, charge) } : entry,
    )
  }
  return { schedule, faults }
}

/** Over each component of either, the schedule's sum is the component's net. */
const hasSums = (schedule: readonly Instalment[], components: readonly Fee[]): boolean => {
  const details = schedule.flatMap((entry) => entry.details)
  const sumOf = (fees: readonly Fee[], component: string) =>
    fees.filter((fee) => fee.component === component).reduce((sum, fee) => sum + fee.amount, 0n)
  const names = new Set([...components, ...details].map((fee) => fee.component))
  return [...names].every((name) => sumOf(details, name) === sumOf(components, name))
}
