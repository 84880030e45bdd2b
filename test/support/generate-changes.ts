import { type Erp, freePlace, type Publisher, sayEnrolled, sayOf, saySchedule } from './generate-erp.ts'
import { amount, type Held, newDiscount, newPayment, newProfile } from './generate-truth.ts'
import { wireDiscount, wireFee, wirePayment } from './generate-wire.ts'

export type Step = (erp: Erp, publisher: Publisher, held: Held) => void

const withoutId = <T extends { readonly id: string }>(items: readonly T[], id: string): T[] =>
  items.filter((item) => item.id !== id)

/** What may change the net is followed by its schedule, mostly. */
export const followedBySchedule =
  (step: Step): Step =>
  (erp, publisher, held) => {
    step(erp, publisher, held)
    if (held.schedule !== null && erp.random.chance(0.95)) saySchedule(erp, publisher, held)
  }

export const changeFee: Step = (erp, publisher, held) => {
  const known = erp.random.chance(0.8) ? held.fees[erp.random.below(held.fees.length)] : undefined
  const fee = { component: known?.component ?? 'MEALS', amount: amount(erp.random) }
  held.fees = held.fees.some((one) => one.component === fee.component)
    ? held.fees.map((one) => (one.component === fee.component ? fee : one))
    : [...held.fees, fee]
  sayOf(erp, publisher, held, 'erp.fee.changed.v1', wireFee(erp.random, fee))
}

export const removeFee: Step = (erp, publisher, held) => {
  const component_type = held.fees.at(-1)?.component ?? 'NOTHING'
  held.fees = held.fees.filter((fee) => fee.component !== component_type)
  sayOf(erp, publisher, held, 'erp.fee.removed.v1', { component_type })
}

export const grant: Step = (erp, publisher, held) => {
  const discount = newDiscount(erp.random)
  held.discounts = [...withoutId(held.discounts, discount.id), discount]
  sayOf(erp, publisher, held, 'erp.discount.granted.v1', wireDiscount(erp.random, discount))
}

export const revoke: Step = (erp, publisher, held) => {
  const discount_id = held.discounts[0]?.id ?? 'd9'
  held.discounts = withoutId(held.discounts, discount_id)
  sayOf(erp, publisher, held, 'erp.discount.revoked.v1', { discount_id })
}

export const pay: Step = (erp, publisher, held) => {
  const payment = newPayment(erp.random, held, `p${erp.random.below(12)}`)
  const known = held.payments.some(({ id }) => id === payment.id)
  held.payments = known
    ? held.payments.map((one) => (one.id === payment.id ? payment : one))
    : [...held.payments, payment]
  sayOf(erp, publisher, held, 'erp.payment.recorded.v1', wirePayment(erp.random, payment))
}

export const reverse: Step = (erp, publisher, held) => {
  const payment_id = held.payments[0]?.id ?? 'p99'
  held.payments = withoutId(held.payments, payment_id)
  sayOf(erp, publisher, held, 'erp.payment.reversed.v1', { payment_id, reason: 'bounced' })
}

export const update: Step = (erp, publisher, held) => {
  const { fullname, user, date_of_birth } = newProfile(erp.random)
  const birth = erp.random.chance(0.3) ? null : date_of_birth
  held.profile = { ...held.profile, fullname, user: user ?? held.profile['user'], date_of_birth: birth }
  sayOf(erp, publisher, held, 'erp.student.updated.v1', { fullname, user, date_of_birth: birth })
}

export const leave: Step = (erp, publisher, held) => {
  const effective_on = erp.random.pick([undefined, '2026-05-10', '2026-06-20', '2027-01-01'])
  held.status = 'discontinued'
  held.effectiveOn = effective_on ?? null
  const message = erp.random.pick([undefined, 'Left the school', ''])
  sayOf(erp, publisher, held, 'erp.student.discontinued.v1', { effective_on, message })
}

export const comeBack: Step = (erp, publisher, held) => {
  held.status = 'active'
  held.effectiveOn = null
  if (erp.random.chance(0.5)) sayEnrolled(erp, publisher, held)
  else sayOf(erp, publisher, held, 'erp.student.reinstated.v1')
}

const toOf = (from: Held, to: Pick<Held, 'branch' | 'grade' | 'yearStart' | 'yearEnd'>) => ({
  ...(to.branch === from.branch ? {} : { collector_code: to.branch }),
  ...(to.grade === from.grade ? {} : { grade: to.grade }),
  ...(to.yearStart === from.yearStart ? {} : { academic_year_start: to.yearStart, academic_year_end: to.yearEnd }),
})

/** To a new place, or back to one where the student was, or onto one where it is. */
export const transfer: Step = (erp, publisher, held) => {
  const others = erp.held.filter((one) => one !== held)
  const place = others.length > 0 && erp.random.chance(0.5) ? erp.random.pick(others) : freePlace(erp)
  if (place === null || (held.status !== 'active' && erp.random.chance(0.5))) return
  sayOf(erp, publisher, held, 'erp.student.transferred.v1', { to: toOf(held, place), message: 'Moved' })
  const known = others.find((one) => one === place)
  const copy: Held = { ...held, ...place, status: 'active', effectiveOn: null }
  if (known === undefined)
    erp.held.push({
      ...held,
      branch: place.branch,
      grade: place.grade,
      yearStart: place.yearStart,
      yearEnd: place.yearEnd,
    })
  else if (known.status === 'transferred')
    Object.assign(known, {
      ...held,
      branch: copy.branch,
      grade: copy.grade,
      yearStart: copy.yearStart,
      yearEnd: copy.yearEnd,
    })
  else Object.assign(known, { status: 'active', effectiveOn: null })
  held.status = 'transferred'
}
