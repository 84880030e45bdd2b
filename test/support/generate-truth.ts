import { afterDiscounts } from '../model/due.ts'
import { writeRupees } from '../model/money.ts'
import type { Allocation, Charge, Discount, Fee, Instalment, Paise, Payment } from '../model/types.ts'
import type { Random } from './generate-random.ts'

/** What an ERP holds of one enrolment, so that it can say mostly sensible things of it. */
export type Held = {
  branch: string | null
  grade: string
  yearStart: string
  yearEnd: string
  profile: Readonly<Record<string, unknown>>
  fees: Fee[]
  discounts: Discount[]
  charges: Charge[]
  payments: Payment[]
  schedule: Instalment[] | null
  status: 'active' | 'discontinued' | 'transferred'
  effectiveOn: string | null
}

const COMPONENTS = ['TUITION', 'BUS', 'MEALS', 'LAB FEE', 'पुस्तक'] as const
const NAMES = ['Asha Rao', 'Zoë O’Neil', 'Ünal "Ü" \\ /', 'অনিতা', '', '李 小龙 🐉', 'A\u2028B', 'tab\tname'] as const
const EDGES: readonly Paise[] = [0n, 1n, 7n, 10n, 115n, 10050n, 100000n, 99n, 999_999_999_999n, 100_000_000_001n]

export const amount = (random: Random): Paise =>
  random.chance(0.25) ? random.pick(EDGES) : BigInt(random.below(90) + 1) * 10_000n + BigInt(random.below(3) * 33)

/** One of the ways in which the same amount may be written. */
export const written = (random: Random, paise: Paise): string | number => {
  const plain = writeRupees(paise)
  const forms = [
    plain,
    Number(plain),
    Number(plain),
    `00${plain}`,
    (paise % 100n).toString().length > 1 ? plain : plain,
  ]
  return random.pick([...forms, `${paise / 100n}.${(paise % 100n).toString().padStart(2, '0')}`])
}

export const newProfile = (random: Random): Readonly<Record<string, unknown>> => ({
  fullname: random.pick(NAMES),
  new_admission: random.chance(0.5),
  primary_contact_name: random.pick(NAMES),
  primary_contact_number: random.pick(['9800000001', 9800000002, '+91 98000 00003']),
  primary_contact_email: random.pick(['a@example.org', '']),
  ...(random.chance(0.4) ? { date_of_birth: random.pick(['2015-04-17', '2016-02-29', null]) } : {}),
  ...(random.chance(0.4) ? { custom_identifier: random.pick(['X1', 'X2', 17]) } : {}),
  ...(random.chance(0.2) ? { user: { name: random.pick(NAMES), phone: '9800000004' } } : {}),
})

export const newFees = (random: Random): Fee[] =>
  COMPONENTS.slice(0, 1 + random.below(4)).map((component) => ({ component, amount: amount(random) }))

export const newDiscount = (random: Random): Discount => ({
  id: `d${random.below(4)}`,
  component: random.pick(COMPONENTS),
  ...(random.chance(0.5)
    ? { amount: amount(random), percent: null }
    : { amount: null, percent: random.pick([0n, 1n, 50_000n, 125_000n, 333_333n, 500_000n, 1_000_000n]) }),
})

/** A schedule that agrees with the fees as they are. Null where no component has anything to schedule. */
export const newSchedule = (random: Random, held: Held): Instalment[] | null => {
  if (held.fees.length === 0) return null
  const count = 1 + random.below(4)
  const entries = Array.from({ length: count }, (_, index): Instalment & { details: Fee[] } => ({
    dueDate: random.pick(['2026-07-10', '2026-10-10', '2027-01-10', `2026-0${1 + index}-28`]),
    referenceId: random.chance(0.8) ? `r${index}` : null,
    identifier: random.chance(0.2) ? `i${index}` : null,
    isDownpayment: random.chance(0.2) ? random.chance(0.5) : null,
    details: [],
  }))
  for (const fee of held.fees) {
    const net = afterDiscounts(fee, held.discounts)
    const parts = entries.filter((_, index) => index === 0 || random.chance(0.7))
    const share = net / BigInt(parts.length)
    parts.forEach((entry, index) => {
      const last = index === parts.length - 1
      entry.details.push({
        component: fee.component,
        amount: last ? net - share * BigInt(parts.length - 1) : share,
      })
    })
  }
  return entries.filter((entry) => entry.details.length > 0)
}

/** Of an instalment, mostly one that is there, or of a day of its own. Before its day, after it, and on it. */
export const newCharge = (random: Random, held: Held): Charge => {
  const references = [...(held.schedule ?? []).map((entry) => entry.referenceId), 'r0', 'r1', 'c1']
  const referenceId = random.pick(references.filter((one) => one !== null))
  return {
    id: random.chance(0.05) ? 'r1' : `c${random.below(5)}`,
    component: random.pick(['LATE FINE', 'BUS', 'TUITION', held.fees[0]?.component ?? 'MEALS']),
    amount: amount(random),
    at: random.chance(0.5) ? { referenceId } : { dueDate: random.pick(['2026-06-01', '2026-07-10', '2026-12-31']) },
    from: random.pick([null, null, '2026-05-05', '2026-06-15', '2026-06-16', '2026-07-20', '2027-01-01']),
  }
}

export const newPayment = (random: Random, held: Held, id: string): Payment => {
  const total = amount(random)
  const allocations: Allocation[] = []
  let left = total
  while (random.chance(0.5) && allocations.length < 4) {
    const part = random.chance(0.3) ? left : left / BigInt(1 + random.below(4))
    left -= part
    const referenceId = random.chance(0.6) ? `r${random.below(5)}` : null
    allocations.push({
      component: random.pick([...held.fees.map((fee) => fee.component), ...COMPONENTS]),
      amount: part,
      referenceId,
    })
  }
  const collectedBy = random.chance(0.7) ? 'institute' : 'jodo'
  return { id, amount: total, pending: random.chance(0.3), collectedBy, allocations }
}
