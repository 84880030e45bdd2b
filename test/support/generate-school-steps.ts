import {
  changeFee,
  comeBack,
  grant,
  leave,
  pay,
  removeFee,
  reverse,
  revoke,
  type Step,
  transfer,
  update,
} from './generate-changes.ts'
import { freePlace, type Publisher, sayEnrolled, sayOf, saySchedule, saySnapshot, sayTogether } from './generate-erp.ts'
import { type Held, newCharge, newFees, newProfile } from './generate-truth.ts'
import { wireCharge, wireFee, wirePayment } from './generate-wire.ts'

const charge: Step = (erp, publisher, held) => {
  const added = newCharge(erp.random, held)
  const isKnown = held.charges.some(({ id }) => id === added.id)
  held.charges = isKnown ? held.charges.map((one) => (one.id === added.id ? added : one)) : [...held.charges, added]
  sayOf(erp, publisher, held, 'erp.charge.added.v1', wireCharge(erp.random, added))
}

const waive: Step = (erp, publisher, held) => {
  const charge_id = held.charges[0]?.id ?? 'c9'
  held.charges = held.charges.filter(({ id }) => id !== charge_id)
  sayOf(erp, publisher, held, 'erp.charge.removed.v1', { charge_id })
}

const clearCheque: Step = (erp, publisher, held) => {
  const cheque = held.payments.find(({ pending }) => pending)
  if (cheque === undefined) return pay(erp, publisher, held)
  const cleared = { ...cheque, pending: false }
  held.payments = held.payments.map((one) => (one === cheque ? cleared : one))
  const status = erp.random.pick([{}, { status: 'cleared' }])
  sayOf(erp, publisher, held, 'erp.payment.recorded.v1', { ...wirePayment(erp.random, cleared), ...status })
}

const PARTS: readonly (readonly [weight: number, Step])[] = [
  [8, changeFee],
  [3, removeFee],
  [5, grant],
  [3, revoke],
  [12, pay],
  [5, reverse],
  [6, charge],
  [3, update],
  [2, leave],
  [2, comeBack],
  [3, transfer],
]

/** Several changes as one event, of one enrolment or of several. */
const together: Step = (erp, publisher, held) =>
  sayTogether(erp, publisher, () => {
    for (let parts = 1 + erp.random.below(4); parts > 0; parts -= 1) {
      const others = erp.held.filter(({ status }) => status !== 'transferred' || erp.random.chance(0.05))
      const other = others.length > 0 && erp.random.chance(0.3) ? erp.random.pick(others) : held
      erp.random.weighted(PARTS)(erp, publisher, other)
    }
    if (held.schedule !== null && erp.random.chance(0.8)) saySchedule(erp, publisher, held)
  })

/** An enrolment that waits for a child: no money yet. */
const prepare: Step = (erp, publisher) => {
  const place = freePlace(erp)
  if (place === null) return
  const prepared: Held = {
    ...place,
    profile: newProfile(erp.random),
    fees: [],
    discounts: [],
    charges: [],
    payments: [],
    schedule: null,
    status: 'active',
    effectiveOn: null,
  }
  erp.held.push(prepared)
  sayEnrolled(erp, publisher, prepared)
}

/** Read some hours before it is published. */
const lateList: Step = (erp, publisher) =>
  saySnapshot(erp, publisher, publisher.numbered && erp.random.chance(0.5), { hoursAgo: 1 + erp.random.below(8) })

/** Only some of what the ERPs hold. */
const partialList: Step = (erp, publisher, held) => {
  const all = erp.held.splice(0)
  erp.held.push(...all.filter((one) => one === held || erp.random.chance(0.5)))
  saySnapshot(erp, publisher)
  erp.held.splice(0, erp.held.length, ...all)
}

/** A new ERP speaks for another from now on. */
const replaceErp: Step = (erp, publisher) => {
  const { random } = erp
  const successor: Publisher = { source: `${publisher.source}-${erp.count}`, numbered: random.chance(0.7), next: 1 }
  saySnapshot(erp, successor, successor.numbered && random.chance(0.5), { replaces: [publisher.source] })
  if (random.chance(0.2)) return
  erp.publishers.splice(erp.publishers.indexOf(publisher), 1, successor)
}

/** A leaving is announced and the child is let go in the list before its day; sometimes the office decides. */
const letGoEarly: Step = (erp, publisher, held) => {
  const effective_on = erp.random.pick(['2026-05-02', '2026-06-20', '2027-01-01'])
  Object.assign(held, { status: 'discontinued', effectiveOn: null })
  sayOf(erp, publisher, held, 'erp.student.discontinued.v1', { effective_on })
  saySnapshot(erp, publisher)
  if (erp.random.chance(0.4)) erp.random.pick([comeBack, leave, transfer])(erp, publisher, held)
}

/** One that was moved away is moved again: to the same place, or to another one. */
const moveAgain: Step = (erp, publisher, held) => {
  const gone = erp.held.find(({ status }) => status === 'transferred')
  if (gone === undefined) return transfer(erp, publisher, held)
  const last = erp.said.findLast(({ type }) => type === 'erp.student.transferred.v1')
  const { to } = (last?.data ?? { to: { grade: '9' } }) as { to: object }
  sayOf(erp, publisher, gone, 'erp.student.transferred.v1', { to })
}

const newYear: Step = (erp, publisher, held) => {
  transfer(erp, publisher, held)
  const reached = erp.held.at(-1)
  if (reached === undefined || reached.status !== 'active' || reached.schedule !== null) return
  reached.fees = newFees(erp.random)
  for (const fee of reached.fees) sayOf(erp, publisher, reached, 'erp.fee.changed.v1', wireFee(erp.random, fee))
}

/** Charges, cheques, several changes as one, lists that come late, and ERPs in the place of others. */
export const SCHOOL_STEPS: readonly (readonly [weight: number, Step])[] = [
  [20, charge],
  [4, waive],
  [6, clearCheque],
  [14, together],
  [3, prepare],
  [5, transfer],
  [3, newYear],
  [1, lateList],
  [2, partialList],
  [1, replaceErp],
  [3, letGoEarly],
  [4, moveAgain],
  [3, leave],
]
