export const SAMPLE_IDENTIFIER = 'SAMPLE-1'

/** An academic year begins in April. */
const academicYear = (now: Date): { readonly start: string; readonly end: string } => {
  const start = now.getUTCMonth() >= 3 ? now.getUTCFullYear() : now.getUTCFullYear() - 1
  return { start: String(start), end: String(start + 1) }
}

/** Three events of one student as NDJSON: enrolled, fees of 25,000, a payment of 5,000. */
export const sampleEvents = (now: Date): string => {
  const { start, end } = academicYear(now)
  const student = {
    identifier: SAMPLE_IDENTIFIER,
    grade: '5',
    academic_year_start: start,
    academic_year_end: end,
  }
  const data = [
    [
      'erp.student.enrolled.v1',
      {
        fullname: 'Sample Student',
        new_admission: true,
        primary_contact_name: 'Sample Parent',
        primary_contact_number: '9000000000',
        primary_contact_email: 'parent@example.edu',
      },
    ],
    ['erp.fees.assessed.v1', { fee_components: [{ component_type: 'TUITION_FEE', amount: '25000.00' }] }],
    [
      'erp.payment.recorded.v1',
      { payment_id: 'RECEIPT-1', amount: '5000.00', paid_on: now.toISOString().slice(0, 10) },
    ],
  ] as const
  const events = data.map(([type, fields], index) => ({
    specversion: '1.0',
    id: `sample-${index + 1}`,
    source: '/erp/school',
    type,
    time: now.toISOString(),
    sequence: String(index + 1),
    data: { student, ...fields },
  }))
  return events.map((event) => `${JSON.stringify(event)}\n`).join('')
}
