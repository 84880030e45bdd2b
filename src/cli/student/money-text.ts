import type { Statement } from '../../../projections/fees/statement.ts'
import type { Paise } from '../../../projections/values/ids.ts'
import { formatRupees } from '../../../projections/values/money.ts'

/** Rupees as the answers write them: as JSON, a number. */
export const rupees = (paise: Paise): number => Number(formatRupees(paise))

/** One line: what is due, component by component. */
export const dueLine = (statement: Statement): string => {
  if (statement.kind === 'incoherent') return `no balance: ${statement.why}`
  const parts = statement.components.map(({ component_type, due }) => `${component_type} ${formatRupees(due)}`)
  const credit = statement.credit > 0 ? `; credit ${formatRupees(statement.credit)}` : ''
  return `due ${formatRupees(statement.due)}${parts.length > 0 ? `: ${parts.join(', ')}` : ''}${credit}`
}

/** A table of components, and of instalments where there are any. */
export const statementLines = (statement: Statement): readonly string[] => {
  if (statement.kind === 'incoherent') return [`no balance: ${statement.why}`]
  const { components, schedule } = statement
  const rows = components.map(({ component_type, gross, discount, charges, paid, due }) => [
    component_type,
    ...[gross, discount, charges, paid, due].map(formatRupees),
  ])
  const lines = table(['component', 'gross', 'discount', 'charges', 'paid', 'due'], rows)
  if (schedule) {
    const entries = schedule.flatMap(({ instalment, details }) =>
      details.map(({ component_type, amount, paid, due }) => [
        `${instalment.due_date} ${component_type}`,
        ...[amount, paid, due].map(formatRupees),
      ]),
    )
    lines.push(...table(['instalment', 'amount', 'paid', 'due'], entries))
  }
  const credit = statement.credit > 0 ? `, ${formatRupees(statement.credit)} of them credit` : ''
  lines.push(`due ${formatRupees(statement.due)}; payments that count ${formatRupees(statement.paid)}${credit}`)
  return lines
}

/** The first column to the left, the others to the right. */
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string[] => {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]!.length)))
  return [head, ...rows].map((row) =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join('  '),
  )
}

export const statementJson = (statement: Statement) =>
  statement.kind === 'incoherent'
    ? { coherent: false, why: statement.why }
    : {
        coherent: true,
        due: rupees(statement.due),
        paid: rupees(statement.paid),
        credit: rupees(statement.credit),
        components: statement.components.map(({ component_type, gross, discount, charges, net, paid, due }) => ({
          component_type,
          gross: rupees(gross),
          discount: rupees(discount),
          charges: rupees(charges),
          net: rupees(net),
          paid: rupees(paid),
          due: rupees(due),
        })),
        payment_schedule:
          statement.schedule?.map(
            ({ instalment: { due_date, reference_id, identifier, is_downpayment }, details }) => ({
              due_date,
              reference_id,
              identifier,
              is_downpayment,
              details: details.map(({ component_type, amount, paid, due }) => ({
                component_type,
                amount: rupees(amount),
                paid: rupees(paid),
                due: rupees(due),
              })),
            }),
          ) ?? null,
      }
