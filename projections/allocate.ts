import type { Instalment, Payment } from './event.ts'
import type { Paise } from './ids.ts'
import { add, formatRupees, least, percentOf, subtract, ZERO } from './money.ts'
import type { Enrolment } from './student.ts'

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
  const components = enrolment.fees.map((fee) => ({
    component_type: fee.component_type,
    left: subtract(fee.amount, discountOf(enrolment, fee.component_type, fee.amount)),
  }))
  const schedule = (enrolment.schedule ?? []).map((instalment) => ({
    instalment,
    details: instalment.details.map((detail) => ({ component_type: detail.component_type, left: detail.amount })),
  }))
  if (enrolment.schedule) {
    const why = mismatch(components, schedule)
    if (why) return { kind: 'incoherent', why }
  }
  pay(enrolment.payments.filter(counts(policy)), components, enrolment.schedule ? schedule : null)
  return {
    kind: 'coherent',
    components: components.map(due),
    schedule: enrolment.schedule
      ? schedule.map(({ instalment, details }) => ({ instalment, details: details.map(due) }))
      : null,
  }
}

/** Working cells of one call, private to this file: the only mutable things in the core. */
type Cell = { readonly component_type: string; left: Paise }
type Allocation = NonNullable<Payment['allocations']>[number]
type Entry = { readonly instalment: Instalment; readonly details: readonly Cell[] }

const due = (cell: Cell): Due => ({ component_type: cell.component_type, amount: cell.left })

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
    for (const { component_type, left } of details)
      planned.set(component_type, add(planned.get(component_type) ?? ZERO, left))
  for (const { component_type, left } of components) {
    const sum = planned.get(component_type) ?? ZERO
    if (sum !== left) return differs(component_type, sum, left)
    planned.delete(component_type)
  }
  for (const [type, sum] of planned) if (sum !== ZERO) return differs(type, sum, ZERO)
  return null
}

const differs = (type: string, sum: Paise, net: Paise): string =>
  `the schedule of ${type} sums to ${formatRupees(sum)}, its net is ${formatRupees(net)}`

const pay = (payments: readonly Payment[], components: readonly Cell[], schedule: readonly Entry[] | null): void => {
  const byType = new Map(components.map((cell) => [cell.component_type, cell]))
  const oldestFirst = schedule && [...schedule].sort((a, b) => compare(a.instalment.due_date, b.instalment.due_date))
  const lines = linesByType(oldestFirst ?? [])
  let rests = ZERO
  for (const payment of payments) {
    let rest = payment.amount
    for (const allocation of payment.allocations ?? []) {
      const component = byType.get(allocation.component_type)
      if (!component) continue
      const placed = oldestFirst
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
      if (component) rests = subtract(rests, payDetails(rests, component, [detail]))
    }
  }
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
  for (const detail of details) {
    const part = least(least(subtract(amount, placed), detail.left), component.left)
    detail.left = subtract(detail.left, part)
    component.left = subtract(component.left, part)
    placed = add(placed, part)
  }
  return placed
}

const payCell = (amount: Paise, cell: Cell): Paise => {
  const part = least(amount, cell.left)
  cell.left = subtract(cell.left, part)
  return part
}
