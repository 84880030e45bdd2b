import type { Instalment, Payment } from '../events/event.ts'
import type { Enrolment } from '../state/student.ts'
import type { Paise } from '../values/ids.ts'
import { add, formatRupees, least, percentOf, subtract, ZERO } from '../values/money.ts'

/** The operator's required choices. */
export type Policy = {
  /** Which payments count: none, those the institute collected, or all. */
  readonly balance_basis: 'payable' | 'net_of_direct' | 'outstanding'
  /** Whether details that are paid up are left out or stay at 0. */
  readonly paid_instalments: 'omit' | 'zero'
}

/** A component and what is left to pay on it. */
export type Due = { readonly component_type: string; readonly amount: Paise }
export type DueInstalment = { readonly instalment: Instalment; readonly details: readonly Due[] }

/** What an active enrolment owes, in the ERP's order; or why its facts do not add up. */
export type Balance =
  | {
      readonly kind: 'coherent'
      readonly components: readonly Due[]
      readonly schedule: readonly DueInstalment[] | null
    }
  | { readonly kind: 'incoherent'; readonly why: string }

export const balanceOf = (enrolment: Enrolment, policy: Policy): Balance => {
  if (enrolment.needsSnapshot) return { kind: 'incoherent', why: 'came back from a leaving: waits for a snapshot' }
  if (enrolment.fees === null) return { kind: 'incoherent', why: 'fees were never assessed' }
  const components = enrolment.fees.map(
    ({ component_type, amount }): Cell => ({
      component_type,
      amount: subtract(amount, discountOf(enrolment, component_type, amount)),
    }),
  )
  const schedule = enrolment.schedule?.map(entryOf) ?? null
  const why = schedule && mismatch(components, schedule)
  if (why) return { kind: 'incoherent', why }
  const payments = enrolment.payments.filter(counts(policy))
  if (payments.length > 0) pay(payments, components, schedule)
  return { kind: 'coherent', components, schedule }
}

/** What is left to pay; written to inside one call only: nothing else in the core is. */
type Cell = { readonly component_type: string; amount: Paise }
type Allocation = NonNullable<Payment['allocations']>[number]
type Entry = { readonly instalment: Instalment; readonly details: readonly Cell[] }

const entryOf = (instalment: Instalment): Entry => ({
  instalment,
  details: instalment.details.map(({ component_type, amount }) => ({ component_type, amount })),
})

/** Each percentage is taken of the gross and rounded by itself; together never more than the gross. */
const discountOf = (enrolment: Enrolment, componentType: string, gross: Paise): Paise => {
  let sum = ZERO
  for (const discount of enrolment.discounts) {
    if (discount.component_type !== componentType) continue
    sum = add(sum, discount.amount ?? percentOf(gross, discount.percent ?? 0))
  }
  return least(sum, gross)
}

/** Whether a payment reduces what is due. */
export const counts =
  (policy: Policy) =>
  (payment: Payment): boolean =>
    policy.balance_basis === 'outstanding' ||
    (policy.balance_basis === 'net_of_direct' && payment.collected_by === 'institute')

/** For every component in either, the schedule's details must sum to its net. */
const mismatch = (components: readonly Cell[], schedule: readonly Entry[]): string | null => {
  const planned = new Map<string, Paise>()
  for (const { details } of schedule)
    for (const { component_type, amount } of details)
      planned.set(component_type, add(planned.get(component_type) ?? ZERO, amount))
  for (const { component_type, amount } of components) {
    const sum = planned.get(component_type) ?? ZERO
    if (sum !== amount) return differs(component_type, sum, amount)
    planned.delete(component_type)
  }
  for (const [type, sum] of planned) if (sum !== ZERO) return differs(type, sum, ZERO)
  return null
}

const differs = (type: string, sum: Paise, net: Paise): string =>
  `the schedule of ${type} sums to ${formatRupees(sum)}, its net is ${formatRupees(net)}`

const pay = (payments: readonly Payment[], components: readonly Cell[], schedule: readonly Entry[] | null): void => {
  const byType = new Map(components.map((cell) => [cell.component_type, cell]))
  const oldestFirst = schedule && sortedByDue(schedule)
  let lines: ReadonlyMap<string, Lines> | null = null
  let rests = ZERO
  for (const payment of payments) {
    let rest = payment.amount
    for (const allocation of payment.allocations ?? []) {
      const component = byType.get(allocation.component_type)
      if (!component) continue
      if (oldestFirst) lines ??= linesByType(oldestFirst)
      const placed = lines
        ? payDetails(allocation.amount, component, detailsFor(allocation, lines))
        : payCell(allocation.amount, component)
      rest = subtract(rest, placed)
    }
    rests = add(rests, rest)
  }
  // What no allocation has placed pays whatever is due, oldest first; what is left then is credit and is not shown.
  if (!oldestFirst) {
    for (const cell of components) rests = subtract(rests, payCell(rests, cell))
    return
  }
  for (const { details } of oldestFirst) {
    for (const detail of details) {
      const component = byType.get(detail.component_type)
      if (component) rests = subtract(rests, payDetail(rests, component, detail))
    }
  }
}

/** Instalments of one day keep the ERP's order. */
const sortedByDue = (schedule: readonly Entry[]): readonly Entry[] => {
  const isSorted = schedule.every(
    (entry, at) => at === 0 || schedule[at - 1]!.instalment.due_date <= entry.instalment.due_date,
  )
  if (isSorted) return schedule
  return schedule.toSorted((a, b) => compare(a.instalment.due_date, b.instalment.due_date))
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** Where a component stands in the schedule. */
type Lines = { readonly all: Cell[]; readonly byReference: Map<string, Cell> }

const linesByType = (oldestFirst: readonly Entry[]): ReadonlyMap<string, Lines> => {
  const lines = new Map<string, Lines>()
  for (const { instalment, details } of oldestFirst) {
    for (const detail of details) {
      const line: Lines = lines.get(detail.component_type) ?? { all: [], byReference: new Map() }
      lines.set(detail.component_type, line)
      line.all.push(detail)
      if (instalment.reference_id !== undefined) line.byReference.set(instalment.reference_id, detail)
    }
  }
  return lines
}

/** The one detail that a reference names, if its instalment holds the component; else all of the component's, oldest first. */
const detailsFor = (allocation: Allocation, lines: ReadonlyMap<string, Lines>): readonly Cell[] => {
  const line = lines.get(allocation.component_type)
  const named = allocation.reference_id === undefined ? undefined : line?.byReference.get(allocation.reference_id)
  return named ? [named] : (line?.all ?? [])
}

/** Reduces the component and its details by the same amounts; returns what was placed. */
const payDetails = (amount: Paise, component: Cell, details: readonly Cell[]): Paise => {
  let placed = ZERO
  for (const detail of details) placed = add(placed, payDetail(subtract(amount, placed), component, detail))
  return placed
}

const payDetail = (amount: Paise, component: Cell, detail: Cell): Paise => {
  const part = least(least(amount, detail.amount), component.amount)
  detail.amount = subtract(detail.amount, part)
  component.amount = subtract(component.amount, part)
  return part
}

const payCell = (amount: Paise, cell: Cell): Paise => {
  const part = least(amount, cell.amount)
  cell.amount = subtract(cell.amount, part)
  return part
}
