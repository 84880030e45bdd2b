import type { NewRecord } from '../../consumers/ports/log.ts'
import { partitionOf } from '../../consumers/ports/partition.ts'

/** A minimal publisher for tests: numbered events of one source per student, on the right partition. */
export const publisher = (topic: string, partitions: number, source = '/erp/test') => {
  const sequences = new Map<string, number>()
  const event = (identifier: string, type: string, data: object, attributes: object = {}): NewRecord => {
    const sequence = (sequences.get(identifier) ?? 0) + 1
    sequences.set(identifier, sequence)
    const student = {
      identifier,
      grade: '5',
      academic_year_start: '2026',
      academic_year_end: '2027',
      collector_code: 'BLR-01',
    }
    const value = {
      specversion: '1.0',
      id: `${identifier}-${sequence}`,
      source,
      type,
      time: new Date(Date.UTC(2026, 5, 1) + sequence * 1000).toISOString(),
      sequence: String(sequence),
      data: { student, ...data },
      ...attributes,
    }
    return {
      topic,
      partition: partitionOf(identifier, partitions),
      key: Buffer.from(identifier),
      value: Buffer.from(JSON.stringify(value)),
      headers: [],
    }
  }
  return {
    event,
    enrolled: (identifier: string) =>
      event(identifier, 'erp.student.enrolled.v1', {
        fullname: `Student ${identifier}`,
        new_admission: false,
        primary_contact_name: 'Parent',
        primary_contact_number: '9800000000',
        primary_contact_email: 'parent@example.edu',
      }),
    assessed: (identifier: string, rupees: number) =>
      event(identifier, 'erp.fees.assessed.v1', { fee_components: [{ component_type: 'TUITION', amount: rupees }] }),
    feeChanged: (identifier: string, rupees: number) =>
      event(identifier, 'erp.fee.changed.v1', { component_type: 'TUITION', amount: rupees }),
    paid: (identifier: string, payment: string, rupees: number) =>
      event(identifier, 'erp.payment.recorded.v1', { payment_id: payment, amount: rupees, paid_on: '2026-06-02' }),
  }
}
