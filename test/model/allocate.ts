import { type Due, least } from './due.ts'
import type { Fee, Instalment, Paise, Payment, Policy } from './types.ts'

/** What is still to be paid, as it is shown: per component and, where there is a schedule, per detail. */
export type Shown = { readonly components: readonly Fee[]; readonly schedule: readonly Instalment[] | null }

/** `left` is what no payment has paid; `shown` is what no payment that counts has paid. */
type Account = { readonly component: string; left: Paise; shown: Paise }
type Detail = Account & { readonly referenceId: string | null; readonly dueDate: string; readonly position: number }

const counts = (payment: Payment, basis: Policy['balance_basis']): boolean =>
  basis === 'outstanding' || (basis === 'net_of_direct' && payment.collectedBy === 'institute')

/** Of something coherent: all payments are placed, and those that count are taken off. */
export const allocate = (due: Due, payments: readonly Payment[], policy: Policy): Shown => {
  const accounts = due.components.map(({ component, amount }): Account => ({ component, left: amount, shown: amount }))
  const details = (due.schedule ?? []).flatMap(({ details: parts, referenceId, dueDate }, position) =>
    parts.map(
      ({ component, amount }): Detail => ({ component, left: amount, shown: amount, referenceId, dueDate, position }),
    ),
  )
  // The sort is stable, so the details of one entry keep their order.
  const oldestFirst = details.toSorted(
    (a, b) => Number(a.dueDate > b.dueDate) - Number(a.dueDate < b.dueDate) || a.position - b.position,
  )
  const accountOf = (component: string) => accounts.find((account) => account.component === component)

  for (const { payment, rest } of payExplicitly(payments, policy)) {
    const paidByDate = payDetails(oldestFirst, rest, payment)
    payAccounts(accounts, rest - paidByDate, payment)
  }
  const shown = details.values()
  return {
    components: accounts.map(({ component, shown: amount }) => ({ component, amount })),
    schedule:
      due.schedule?.map((entry) => ({
        ...entry,
        details: entry.details.map(({ component }) => ({ component, amount: shown.next().value?.shown ?? 0n })),
      })) ?? null,
  }

  /** Every payment's allocations, before any rest. */
  function payExplicitly(all: readonly Payment[], { pending_payments }: Policy) {
    return all
      .filter(({ pending }) => !pending || pending_payments !== 'ignore')
      .map((payment) => ({
        payment,
        rest: payment.allocations.reduce((rest, { component, amount, referenceId }) => {
          if (due.schedule === null) {
            return (
              rest -
              payAccounts(
                accounts.filter((account) => account.component === component),
                amount,
                payment,
              )
            )
          }
          const ofComponent = oldestFirst.filter((detail) => detail.component === component)
          const named = ofComponent.filter((detail) => referenceId !== null && detail.referenceId === referenceId)
          return rest - payDetails(named.length > 0 ? named : ofComponent, amount, payment)
        }, payment.amount),
      }))
  }

  function payDetails(chosen: readonly Detail[], most: Paise, payment: Payment): Paise {
    return chosen.reduce((paid, detail) => {
      const account = accountOf(detail.component)
      const amount = least(most - paid, detail.left, account?.left ?? 0n)
      take(detail, amount, payment)
      if (account) take(account, amount, payment)
      return paid + amount
    }, 0n)
  }

  function payAccounts(chosen: readonly Account[], most: Paise, payment: Payment): Paise {
    return chosen.reduce((paid, account) => {
      const amount = least(most - paid, account.left)
      take(account, amount, payment)
      return paid + amount
    }, 0n)
  }

  function take(account: Account, amount: Paise, payment: Payment): void {
    account.left -= amount
    if (counts(payment, policy.balance_basis)) account.shown -= amount
  }
}
