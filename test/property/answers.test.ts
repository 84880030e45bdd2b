import fc from 'fast-check'
import { expect } from 'vitest'
import type { Policy } from '../../projections/fees/policy.ts'
import type { Paise } from '../../projections/values/ids.ts'
import { formatRupees, parseRupees } from '../../projections/values/money.ts'
import { allocated, assessed, enrolled, granted, paid, scheduled } from '../golden/said.ts'
import { anyHistory } from '../support/arbitraries.ts'
import { law } from '../support/law.ts'
import { bodyOf, type SuccessBody, tellAs } from '../support/tell.ts'

const policies: fc.Arbitrary<Policy> = fc.record({
  balance_basis: fc.constantFrom('payable', 'net_of_direct', 'outstanding'),
  paid_instalments: fc.constantFrom('omit', 'zero'),
})

const inPaise = (amount: number): number => parseRupees(amount)!
const sum = (amounts: readonly number[]): number => amounts.reduce((total, amount) => total + amount, 0)
const feesIn = ({ data }: SuccessBody): ReadonlyMap<string, number> =>
  new Map(data.fee_components.map((fee) => [fee.component_type, inPaise(fee.fee_amount)]))
const detailsIn = ({ data }: SuccessBody) => (data.payment_schedule ?? []).flatMap(({ details }) => details)

/** The schedule says what the components say; what is left out under `omit` is 0. */
const expectSound = (body: SuccessBody, { paid_instalments }: Policy): void => {
  const fees = feesIn(body)
  for (const amount of fees.values()) expect(amount).toBeGreaterThanOrEqual(0)
  for (const { amount } of detailsIn(body))
    expect(amount).toBeGreaterThanOrEqual(paid_instalments === 'omit' ? 0.01 : 0)
  if (!body.data.payment_schedule) return
  for (const [type, amount] of fees)
    expect(sum(detailsIn(body).flatMap((item) => (item.component_type === type ? inPaise(item.amount) : [])))).toBe(
      amount,
    )
}

law(
  'no history gives an answer that is negative, or whose schedule is not its components',
  fc.tuple(policies, anyHistory),
  ([policy, entries]) => {
    const told = tellAs(policy, ...entries)
    told.answers.enrolments.forEach((_, index) => {
      const body = bodyOf(told, index)
      if (body?.status === 'success') expectSound(body, policy)
    })
  },
  { runs: 800 },
)

/** Gross amounts in paise, each split over instalments as its discount leaves it: coherent by construction. */
const plans = fc
  .uniqueArray(
    fc.record({
      type: fc.constantFrom('A', 'B', 'C', 'D'),
      gross: fc.oneof(fc.integer({ min: 0, max: 1_000_000 }), fc.constantFrom(0, 1, 999_999_999_999)),
      percent: fc.integer({ min: 0, max: 1_000_000 }),
      cuts: fc.array(fc.integer({ min: 0, max: 1000 }), { maxLength: 3 }),
    }),
    { selector: ({ type }) => type, minLength: 1, maxLength: 4 },
  )
  .map((list) => list.map((item) => ({ ...item, net: item.gross - share(item.gross, item.percent) })))

/** Half up, in big integers. */
const share = (gross: number, percent: number): number =>
  Number((2n * BigInt(gross) * BigInt(percent) + 1_000_000n) / 2_000_000n)

const split = (net: number, cuts: readonly number[]): number[] => {
  const pieces = cuts.map((cut) => Math.floor((net * cut) / 1000 / Math.max(1, cuts.length)))
  return [net - sum(pieces), ...pieces]
}

const payments = fc.array(
  fc.record({
    amount: fc.integer({ min: 0, max: 400_000 }),
    jodo: fc.boolean(),
    shares: fc.array(
      fc.record({
        type: fc.constantFrom('A', 'B', 'Z'),
        part: fc.integer({ min: 0, max: 300 }),
        reference: fc.constantFrom('r0', 'r1', 'rx', undefined),
      }),
      { maxLength: 3 },
    ),
  }),
  { maxLength: 5 },
)
const text = (paise: number): string => formatRupees(paise as Paise)

law(
  'every paisa is placed or is credit: what is due is the net less what counts of that, and never less than nothing',
  fc.tuple(
    policies,
    plans,
    payments,
    fc.boolean(),
    fc.array(fc.constantFrom('2026-07-01', '2026-08-01', '2026-09-01'), { minLength: 4, maxLength: 4 }),
  ),
  ([policy, list, paidList, isScheduled, days]) => {
    const entries = days.flatMap((day, index) => {
      const details = list.flatMap(({ type, net, cuts }) => {
        const piece = split(net, cuts)[index]
        return piece === undefined ? [] : [[type, text(piece)] as const]
      })
      return details.length > 0 ? [[day, `r${index}`, details] as const] : []
    })
    const told = tellAs(
      policy,
      enrolled(),
      assessed(list.map(({ type, gross }) => [type, text(gross)])),
      ...list.map(({ type, percent }, index) => granted(`d${index}`, type, { percent: (percent / 10_000).toFixed(4) })),
      ...(isScheduled ? [scheduled(...entries)] : []),
      ...paidList.map(({ amount, jodo, shares }, index) =>
        paid(`p${index}`, text(amount), {
          collected_by: jodo ? 'jodo' : 'institute',
          ...allocated(
            ...shares.map(({ type, part, reference }) => {
              const worth = text(Math.floor((amount * part) / 1000))
              return reference === undefined ? ([type, worth] as const) : ([type, worth, reference] as const)
            }),
          ),
        }),
      ),
    )
    const body = bodyOf(told)!
    expectSound(body, policy)
    const counted = paidList.filter(
      ({ jodo }) => policy.balance_basis === 'outstanding' || (policy.balance_basis === 'net_of_direct' && !jodo),
    )
    const net = sum(list.map((one) => one.net))
    const [all, counting] = [paidList, counted].map((some) => sum(some.map(({ amount }) => amount))) as [number, number]
    const due = sum([...feesIn(body).values()])
    // What does not count may have paid first: what counts pays at least what that leaves.
    expect(due).toBeGreaterThanOrEqual(Math.max(0, net - counting))
    expect(due).toBeLessThanOrEqual(net - Math.min(counting, Math.max(0, net - (all - counting))))
  },
  { runs: 1500 },
)
