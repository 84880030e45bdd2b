import type { Log, NewRecord } from '../../consumers/ports/log.ts'
import { publisher } from './school.ts'

/** What an operator finds one afternoon: a lost event, a broken one, a contradiction, and an ERP that was changed by hand. */
export const PARTITIONS = 4

export const plant = async (log: Log, topic: string): Promise<void> => {
  const main = publisher(topic, PARTITIONS, '/erp/main')
  const start = (identifier: string) => [main.enrolled(identifier), main.assessed(identifier, 10_000)]
  const lost = [...start('S-101'), main.paid('S-101', 'P1', 2000), main.paid('S-101', 'P2', 1000)].toSpliced(2, 1)
  const broken = [
    ...start('S-102'),
    main.event('S-102', 'erp.fee.changed.v1', { component_type: 'TUITION', amount: '12,000.00' }),
    main.paid('S-102', 'P1', 2000),
  ]
  const contradicting = start('S-103')
  const first = main.paid('S-103', 'P1', 2000)
  const second = { ...first, value: Buffer.from(String(first.value).replace('2000', '2500')) }
  const records: readonly NewRecord[] = [
    ...lost,
    ...broken,
    ...contradicting,
    first,
    second,
    ...start('S-104'),
    ...start('S-105'),
  ]
  await log.append(records)
}

/** What the school's ERP answers. */
export const erpSays = (): Map<string, readonly { readonly status: 200; readonly body: object }[]> =>
  new Map(
    (
      [
        ['S-101', 7000],
        ['S-102', 10_000],
        ['S-103', 8000],
        ['S-104', 9500],
        ['S-105', 10_000],
      ] as const
    ).map(([identifier, fee]) => [identifier, [{ status: 200, body: bodyOf(identifier, fee) }]]),
  )

const bodyOf = (identifier: string, fee: number) => ({
  status: 'success',
  data: {
    student: {
      fullname: `Student ${identifier}`,
      identifier,
      collector_code: 'BLR-01',
      grade: '5',
      new_admission: false,
      academic_year_start: '2026',
      academic_year_end: '2027',
      primary_contact_name: 'Parent',
      primary_contact_number: '9800000000',
      primary_contact_email: 'parent@example.edu',
    },
    fee_components: [{ component_type: 'TUITION', fee_amount: fee }],
  },
})
