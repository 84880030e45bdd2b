import type { Charge, Discount, Instalment } from '../events/shapes.ts'
import type { Enrolment } from '../state/student.ts'
import type { IsoDate, Paise } from '../values/ids.ts'
import { add, least, percentOf, subtract, ZERO } from '../values/money.ts'

/**
 * The dues of an enrolment on a day before any payment: its components and the details of its schedule, each with its
 * net. `allocate.ts` applies payments to it, the only mutation in the core and only inside one call.
 */
export type Cell = {
  readonly component_type: string
  readonly net: Paise
  /** What no payment has paid. */
  left: Paise
  /** What payments that count have paid. */
  counted: Paise
}
export type Component = Cell & { readonly gross: Paise; readonly discount: Paise; readonly charged: Paise }
export type LedgerEntry = { readonly instalment: Instalment; readonly details: readonly Cell[] }
export type Ledger = { readonly components: readonly Component[]; readonly schedule: readonly LedgerEntry[] | null }

export const isInEffect = ({ effective_on }: Charge, today: IsoDate): boolean =>
  effective_on === undefined || effective_on <= today

/** The ledger, or in words why a charge finds no place in the schedule. */
export const openLedger = (enrolment: Enrolment, today: IsoDate): Ledger | string => {
  const charges = enrolment.charges.length === 0 ? NONE : enrolment.charges.filter((one) => isInEffect(one, today))
  const components = componentsOf(enrolment, charges)
  if (enrolment.schedule === null) return { components, schedule: null }
  if (charges.length === 0) return { components, schedule: enrolment.schedule.map(entryOf) }
  const schedule = withCharges(enrolment.schedule, charges)
  return typeof schedule === 'string' ? schedule : { components, schedule: schedule.map(entryOf) }
}

const NONE: readonly Charge[] = []

const cell = (component_type: string, net: Paise): Cell => ({ component_type, net, left: net, counted: ZERO })

const entryOf = (instalment: Instalment): LedgerEntry => ({
  instalment,
  details: instalment.details.map(({ component_type, amount }) => cell(component_type, amount)),
})

const componentsOf = (enrolment: Enrolment, charges: readonly Charge[]): readonly Component[] => {
  const discounts = byComponent(enrolment.discounts)
  const charged = byComponent(charges)
  const component = (component_type: string, gross: Paise): Component => {
    const discount = discountOf(discounts.get(component_type), gross)
    const extra = sumOf(charged.get(component_type))
    return { ...cell(component_type, add(subtract(gross, discount), extra)), gross, discount, charged: extra }
  }
  const components = (enrolment.fees ?? []).map(({ component_type, amount }) => {
    const assessed = component(component_type, amount)
    charged.delete(component_type)
    return assessed
  })
  // A map keeps the order of insertion: that in which the charges were first recorded.
  for (const type of [...charged.keys()]) components.push(component(type, ZERO))
  return components
}

const byComponent = <T extends { readonly component_type: string }>(items: readonly T[]): Map<string, T[]> => {
  const lists = new Map<string, T[]>()
  for (const item of items) {
    const list = lists.get(item.component_type)
    if (list) list.push(item)
    else lists.set(item.component_type, [item])
  }
  return lists
}

/** Each percentage is taken of the gross and rounded by itself; together never more than the gross. */
const discountOf = (discounts: readonly Discount[] | undefined, gross: Paise): Paise => {
  let sum = ZERO
  for (const { amount, percent } of discounts ?? []) sum = add(sum, amount ?? percentOf(gross, percent ?? 0))
  return least(sum, gross)
}

const sumOf = (charges: readonly Charge[] | undefined): Paise => {
  let sum = ZERO
  for (const { amount } of charges ?? []) sum = add(sum, amount)
  return sum
}

/**
 * A charge with a due date is an entry of its own, after the ERP's; one with a reference joins the entry with that
 * reference.
 */
const withCharges = (schedule: readonly Instalment[], charges: readonly Charge[]): readonly Instalment[] | string => {
  const entries = [...schedule]
  const places = new Map(schedule.map(({ reference_id }, place) => [reference_id, place]))
  for (const { charge_id, component_type, amount, due_date } of charges) {
    if (due_date === undefined) continue
    if (places.has(charge_id)) return `an instalment bears the id of the charge ${charge_id} as its reference_id`
    const details = [{ component_type, amount }]
    places.set(charge_id, entries.push({ ...NO_EXTRAS, due_date, reference_id: charge_id, details }) - 1)
  }
  const added = new Map<number, Map<string, Paise>>()
  for (const { charge_id, component_type, amount, reference_id, due_date } of charges) {
    if (due_date !== undefined) continue
    const place = places.get(reference_id)
    if (place === undefined)
      return `the charge ${charge_id} names the instalment ${reference_id}, which the schedule does not have`
    const known = added.get(place)
    const sums = known ?? new Map(entries[place]!.details.map((detail) => [detail.component_type, detail.amount]))
    if (!known) added.set(place, sums)
    sums.set(component_type, add(sums.get(component_type) ?? ZERO, amount))
  }
  for (const [place, sums] of added) {
    const details = Array.from(sums, ([component_type, amount]) => ({ component_type, amount }))
    entries[place] = { ...entries[place]!, details }
  }
  return entries
}

const NO_EXTRAS = { identifier: undefined, is_downpayment: undefined } as const
