import type { Payment } from '../events/shapes.ts'
import type { Paise } from '../values/ids.ts'
import { add, least, subtract, ZERO } from '../values/money.ts'
import type { Cell, Ledger, LedgerEntry } from './ledger.ts'
import { counts, isPlaced, type Policy } from './policy.ts'

/**
 * Places payments on a ledger. All are placed, also those that do not count: what the partner has collected has paid its
 * instalment, so that later money pays the next one. First every allocation, then what is left of each payment, both in
 * the order in which the payments were first recorded.
 *
 * The walk over a component's details and the walk over all details each pass a cell once. So the time grows with the sum
 * of payments, allocations and details, never with their product.
 */
export const placePayments = (payments: readonly Payment[], ledger: Ledger, policy: Policy): void => {
  const placed = payments.filter((payment) => isPlaced(payment, policy))
  if (placed.length === 0 || policy.balance_basis === 'payable') return
  const byType = new Map(ledger.components.map((component) => [component.component_type, component]))
  const dueFirst = ledger.schedule && byDueDate(ledger.schedule)
  let lines: ReadonlyMap<string, Line> | null = null
  const rests: Paise[] = []
  for (const payment of placed) {
    const isCounted = counts(payment, policy)
    let rest = payment.amount
    for (const { component_type, amount, reference_id } of payment.allocations ?? []) {
      const component = byType.get(component_type)
      if (!component) continue
      if (dueFirst) lines ??= linesOf(dueFirst)
      const part = lines
        ? payLine(amount, component, lines.get(component_type), reference_id, isCounted)
        : payCell(amount, component, isCounted)
      rest = subtract(rest, part)
    }
    rests.push(rest)
  }
  // What is left after the last cell is credit, and is not shown.
  const pay = dueFirst ? payingDetails(dueFirst, byType) : payingComponents(ledger.components)
  placed.forEach((payment, at) => {
    if (rests[at]! > 0) pay(rests[at]!, counts(payment, policy))
  })
}

const take = (cell: Cell, part: Paise, isCounted: boolean): void => {
  cell.left = subtract(cell.left, part)
  if (isCounted) cell.counted = add(cell.counted, part)
}

const payCell = (amount: Paise, cell: Cell, isCounted: boolean): Paise => {
  const part = least(amount, cell.left)
  take(cell, part, isCounted)
  return part
}

/** Reduces the component and its detail by the same amount; returns what was placed. */
const payDetail = (amount: Paise, component: Cell, detail: Cell, isCounted: boolean): Paise => {
  const part = least(least(amount, detail.left), component.left)
  take(detail, part, isCounted)
  take(component, part, isCounted)
  return part
}

/** Entries by due date; those of one day keep their order. */
const byDueDate = (schedule: readonly LedgerEntry[]): readonly LedgerEntry[] => {
  const isSorted = schedule.every(
    (entry, at) => at === 0 || schedule[at - 1]!.instalment.due_date <= entry.instalment.due_date,
  )
  if (isSorted) return schedule
  return schedule.toSorted((a, b) => compare(a.instalment.due_date, b.instalment.due_date))
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** The details of one component, oldest first; those before `paid` have nothing left. */
type Line = { readonly oldestFirst: Cell[]; readonly byReference: Map<string, Cell>; paid: number }

const linesOf = (dueFirst: readonly LedgerEntry[]): ReadonlyMap<string, Line> => {
  const lines = new Map<string, Line>()
  for (const { instalment, details } of dueFirst) {
    for (const detail of details) {
      const line: Line = lines.get(detail.component_type) ?? { oldestFirst: [], byReference: new Map(), paid: 0 }
      lines.set(detail.component_type, line)
      line.oldestFirst.push(detail)
      if (instalment.reference_id !== undefined) line.byReference.set(instalment.reference_id, detail)
    }
  }
  return lines
}

/** Pays the one detail that a reference names, if its instalment holds the component; else the component's, oldest first. */
const payLine = (
  amount: Paise,
  component: Cell,
  line: Line | undefined,
  reference: string | undefined,
  isCounted: boolean,
): Paise => {
  if (!line) return ZERO
  const named = reference === undefined ? undefined : line.byReference.get(reference)
  if (named) return payDetail(amount, component, named, isCounted)
  let placed = ZERO
  while (placed < amount && line.paid < line.oldestFirst.length) {
    const detail = line.oldestFirst[line.paid]!
    placed = add(placed, payDetail(subtract(amount, placed), component, detail, isCounted))
    if (detail.left > 0) break
    line.paid += 1
  }
  return placed
}

type Pay = (rest: Paise, isCounted: boolean) => void

/** Walks on where the last rest ended. */
const payingComponents = (components: readonly Cell[]): Pay => {
  let at = 0
  return (rest, isCounted) => {
    let left = rest
    while (left > 0 && at < components.length) {
      left = subtract(left, payCell(left, components[at]!, isCounted))
      if (components[at]!.left === 0) at += 1
    }
  }
}

const payingDetails = (dueFirst: readonly LedgerEntry[], byType: ReadonlyMap<string, Cell>): Pay => {
  const details = dueFirst.flatMap((entry) => entry.details)
  let at = 0
  return (rest, isCounted) => {
    let left = rest
    while (left > 0 && at < details.length) {
      const detail = details[at]!
      const component = byType.get(detail.component_type)
      if (component) left = subtract(left, payDetail(left, component, detail, isCounted))
      if (left > 0) at += 1
    }
  }
}
