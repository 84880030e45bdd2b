import type { Payment } from '../events/shapes.ts'

/** The operator's choices about money. */
export type Policy = {
  /** Which payments count: none, those the institute collected, or all. */
  readonly balance_basis: 'payable' | 'net_of_direct' | 'outstanding'
  /** Whether details that are paid up are left out or stay at 0. */
  readonly paid_instalments: 'omit' | 'zero'
  /** Whether a pending payment is one like any other, which is the default, or as if not recorded. */
  readonly pending_payments?: 'count' | 'ignore' | undefined
}

/** Whether a payment reduces what is shown as due. */
export const counts = (payment: Payment, policy: Policy): boolean =>
  isPlaced(payment, policy) &&
  (policy.balance_basis === 'outstanding' ||
    (policy.balance_basis === 'net_of_direct' && payment.collected_by === 'institute'))

/** Whether a payment is placed at all: one that does not count has still paid its instalment. */
export const isPlaced = (payment: Payment, policy: Policy): boolean =>
  payment.status !== 'pending' || policy.pending_payments !== 'ignore'
