import type { Charge, Discount, Fee, Instalment, Payment } from '../model/types.ts'
import type { Random } from './generate-random.ts'
import { type Held, written } from './generate-truth.ts'

/** The ERP's words for what it holds, with every amount in one of its forms. */
export const wireFee = (random: Random, fee: Fee) => ({
  component_type: fee.component,
  amount: written(random, fee.amount),
})

const percentText = (percent: bigint): string =>
  `${percent / 10_000n}.${(percent % 10_000n).toString().padStart(4, '0')}`

export const wireDiscount = (random: Random, { id, component, amount, percent }: Discount) => ({
  discount_id: id,
  component_type: component,
  ...(amount === null ? {} : { amount: written(random, amount) }),
  ...(percent === null ? {} : { percent: random.chance(0.5) ? percentText(percent) : Number(percentText(percent)) }),
})

export const wireCharge = (random: Random, { id, component, amount, at, from }: Charge) => ({
  charge_id: id,
  ...wireFee(random, { component, amount }),
  ...('dueDate' in at ? { due_date: at.dueDate } : { reference_id: at.referenceId }),
  ...(from === null ? {} : { effective_on: from }),
})

export const wirePayment = (random: Random, payment: Payment) => ({
  payment_id: payment.id,
  amount: written(random, payment.amount),
  paid_on: '2026-06-01',
  ...(payment.pending ? { status: 'pending' } : {}),
  ...(payment.collectedBy === 'jodo' || random.chance(0.5) ? { collected_by: payment.collectedBy } : {}),
  ...(payment.allocations.length === 0 && random.chance(0.7)
    ? {}
    : {
        allocations: payment.allocations.map(({ referenceId, ...fee }) => ({
          ...wireFee(random, fee),
          ...(referenceId === null ? {} : { reference_id: referenceId }),
        })),
      }),
})

export const wireSchedule = (random: Random, schedule: readonly Instalment[]) =>
  schedule.map((entry) => ({
    due_date: entry.dueDate,
    ...(entry.referenceId === null ? {} : { reference_id: entry.referenceId }),
    ...(entry.identifier === null ? {} : { identifier: entry.identifier }),
    ...(entry.isDownpayment === null ? {} : { is_downpayment: entry.isDownpayment }),
    details: entry.details.map((detail) => wireFee(random, detail)),
  }))

export const wirePlace = (held: Pick<Held, 'branch' | 'grade' | 'yearStart'>) => ({
  grade: held.grade,
  academic_year_start: held.yearStart,
  ...(held.branch === null ? {} : { collector_code: held.branch }),
})

export const wireListed = (random: Random, held: Held) => ({
  ...wirePlace(held),
  academic_year_end: held.yearEnd,
  ...held.profile,
  status: held.status,
  ...(held.status === 'discontinued' && held.effectiveOn !== null && random.chance(0.6)
    ? { effective_on: held.effectiveOn }
    : {}),
  ...(random.chance(0.97) ? { fee_components: held.fees.map((fee) => wireFee(random, fee)) } : {}),
  ...(held.discounts.length > 0 ? { discounts: held.discounts.map((one) => wireDiscount(random, one)) } : {}),
  ...(held.charges.length > 0 ? { charges: held.charges.map((one) => wireCharge(random, one)) } : {}),
  ...(held.payments.length > 0 ? { payments: held.payments.map((one) => wirePayment(random, one)) } : {}),
  ...(held.schedule === null ? {} : { payment_schedule: wireSchedule(random, held.schedule) }),
})
