import type { NewRecord } from '../../../consumers/ports/log.ts'
import { partitionOf } from '../../../consumers/ports/partition.ts'
import { publisher } from '../../support/school.ts'

/** Students whose fee changes while versions are exchanged. */
export const CHANGING = ['T-1', 'T-2', 'T-3', 'T-4']
const RESTING = Array.from({ length: 12 }, (_, index) => `S-${index}`)

const year = (start: number) => ({ academic_year_start: String(start), academic_year_end: String(start + 1) })
const money = (amount: number) => ({ component_type: 'TUITION', amount })

/** The same events on every call: a later call goes on with the numbers of an earlier one. */
export const upgradeSchool = (topic: string, partitions: number) => {
  const school = publisher(topic, partitions)
  const { event, enrolled, assessed, paid } = school
  const troubled = (): readonly NewRecord[] => {
    const missing = enrolled('S-held')
    const poison = { ...paid('S-poison', 'P-1', 1), partition: partitionOf('S-poison', partitions) }
    return [
      enrolled('S-poison'),
      { ...poison, value: Buffer.from('{"specversion":"1.0"') },
      assessed('S-held', Number(missing.partition) + 1000),
      event('S-orphan', 'erp.fees.assessed.v1', { fee_components: [money(10)] }),
    ]
  }
  const filling: readonly NewRecord[] = [
    ...[...CHANGING, ...RESTING].flatMap((id, index) => [enrolled(id), assessed(id, 5000 + index)]),
    ...RESTING.slice(0, 6).map((id) => paid(id, 'P-1', '10.50' as unknown as number)),
    event('S-0', 'erp.discount.granted.v1', { discount_id: 'D-1', component_type: 'TUITION', percent: '12.5' }),
    event('S-1', 'erp.discount.granted.v1', { discount_id: 'D-1', component_type: 'TUITION', amount: 100 }),
    event('S-2', 'erp.payment.reversed.v1', { payment_id: 'P-1' }),
    event('S-3', 'erp.student.discontinued.v1', { message: 'left' }),
    event('S-4', 'erp.student.transferred.v1', { to: { collector_code: 'BLR-02' } }),
    event('S-5', 'erp.student.transferred.v1', { to: { grade: '6', ...year(2027) } }),
    event('S-6', 'erp.schedule.set.v1', {
      payment_schedule: [
        { due_date: '2026-07-17', reference_id: 'ref_1', details: [money(2000)] },
        { due_date: '2026-12-17', reference_id: 'ref_2', details: [money(3010)] },
      ],
    }),
    event('S-7', 'erp.student.updated.v1', { custom_identifier: 'ADM/7', date_of_birth: '2015-04-17' }),
    event('S-8', 'erp.student.erased.v1', {}),
    ...troubled(),
    event('/erp/test', 'erp.heartbeat.v1', {}),
  ]
  return { ...school, filling, students: [...CHANGING, ...RESTING, 'S-held', 'S-poison', 'S-orphan'] }
}
