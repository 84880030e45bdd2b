import { describe, expect, test } from 'vitest'
import { type EventType, eventData } from '../../../../projections/events/event.ts'
import { allocated, listed, PROFILE, plan, STUDENT } from '../../../golden/said.ts'

const { identifier: _, ...PLACE } = STUDENT
const { academic_year_end: __, ...REF } = STUDENT

const problemsOf = (type: EventType, data: object): string[] => {
  const parsed = eventData[type].safeParse({ student: REF, ...data })
  return parsed.success ? [] : parsed.error.issues.map((issue) => `/${issue.path.join('/')}`)
}
const outputOf = (type: EventType, data: object): Record<string, unknown> =>
  eventData[type].parse({ student: REF, ...data }) as Record<string, unknown>

describe('a student is named by what makes an enrolment', () => {
  test.each(['identifier', 'grade', 'academic_year_start'])('%s is required', (field) => {
    expect(problemsOf('erp.student.reinstated.v1', { student: { ...REF, [field]: undefined } })).toEqual([
      `/student/${field}`,
    ])
    expect(problemsOf('erp.student.reinstated.v1', { student: { ...REF, [field]: '' } })).toEqual([`/student/${field}`])
    expect(problemsOf('erp.student.reinstated.v1', { student: { ...REF, [field]: null } })).toEqual([
      `/student/${field}`,
    ])
  })

  test('a branch may be absent or null, and not empty', () => {
    expect(problemsOf('erp.student.reinstated.v1', { student: { ...REF, collector_code: null } })).toEqual([])
    expect(problemsOf('erp.student.reinstated.v1', { student: { ...REF, collector_code: '' } })).toEqual([
      '/student/collector_code',
    ])
  })

  test('the last year is required by what creates, and ignored elsewhere, whatever it is', () => {
    expect(problemsOf('erp.student.enrolled.v1', { ...PROFILE })).toEqual(['/student/academic_year_end'])
    expect(problemsOf('erp.student.enrolled.v1', { ...PROFILE, student: STUDENT })).toEqual([])
    expect(
      problemsOf('erp.student.reinstated.v1', { student: { ...REF, academic_year_end: { not: 'a year' } } }),
    ).toEqual([])
  })

  test('integers are texts: 2026 and "2026" name one enrolment', () => {
    expect(outputOf('erp.student.reinstated.v1', { student: { ...REF, academic_year_start: 2026, grade: 5 } })).toEqual(
      outputOf('erp.student.reinstated.v1', {}),
    )
  })

  test('an erasure and a snapshot name the student alone', () => {
    expect(problemsOf('erp.student.erased.v1', { student: { identifier: 'S-1' } })).toEqual([])
    expect(problemsOf('erp.student.snapshot.v1', { student: { identifier: 'S-1' }, enrolments: [] })).toEqual([])
  })
})

describe('a profile', () => {
  test.each(Object.keys(PROFILE))('%s is required to enrol, and never removed', (field) => {
    expect(problemsOf('erp.student.enrolled.v1', { student: STUDENT, ...PROFILE, [field]: null })).toEqual([
      `/${field}`,
    ])
    expect(problemsOf('erp.student.updated.v1', { [field]: null })).toEqual([`/${field}`])
  })

  test.each(['date_of_birth', 'custom_identifier', 'user'])('%s may be left out, and is removed by null', (field) => {
    expect(problemsOf('erp.student.enrolled.v1', { student: STUDENT, ...PROFILE, [field]: null })).toEqual([])
    expect(outputOf('erp.student.updated.v1', { [field]: null })[field]).toBeNull()
    expect(outputOf('erp.student.updated.v1', {})[field]).toBeUndefined()
  })

  test.each([
    ['new_admission', 'true'],
    ['new_admission', 1],
    ['fullname', 5],
    ['primary_contact_number', ''],
    ['date_of_birth', '2015-02-30'],
    ['custom_identifier', ''],
    ['user', { name: 'A' }],
    ['user', { name: null, phone: '1' }],
  ])('%s is not %j', (field, value) => {
    expect(problemsOf('erp.student.updated.v1', { [field]: value })).toHaveLength(1)
  })

  test('phone numbers may be integers', () => {
    const output = outputOf('erp.student.updated.v1', { primary_contact_number: 98, user: { name: '', phone: 77 } })
    expect(output).toMatchObject({ primary_contact_number: '98', user: { name: '', phone: '77' } })
  })
})

describe('a transfer', () => {
  test.each([
    [{}],
    [{ grade: '5' }],
    [{ academic_year_end: '2028' }],
    [{ collector_code: 'BLR-01', grade: 5 }],
    [{ grade: null }],
  ])('to %j names no other enrolment', (to) => {
    expect(problemsOf('erp.student.transferred.v1', { to })).toEqual(['/to'])
  })

  test.each([
    [{ grade: '6' }],
    [{ academic_year_start: 2027 }],
    [{ collector_code: 'BLR-02' }],
    [{ collector_code: null }],
  ])('to %j names another', (to) => {
    expect(problemsOf('erp.student.transferred.v1', { to })).toEqual([])
  })

  test('to no branch is nowhere for one that has none', () => {
    const student = { ...REF, collector_code: undefined }
    expect(problemsOf('erp.student.transferred.v1', { student, to: { collector_code: null } })).toEqual(['/to'])
  })
})

describe('a discount is worth an amount or a percentage', () => {
  const granted = (worth: object): string[] =>
    problemsOf('erp.discount.granted.v1', { discount_id: 'd', component_type: 'A', ...worth })
  test('and not both, and not neither', () => {
    expect(granted({ amount: 1 })).toEqual([])
    expect(granted({ percent: '12.5', amount: null })).toEqual([])
    expect(granted({ percent: 1, amount: 1 })).toHaveLength(1)
    expect(granted({})).toHaveLength(1)
    expect(granted({ amount: null, percent: null })).toHaveLength(1)
  })
})

describe('a payment', () => {
  const recorded = (data: object): string[] =>
    problemsOf('erp.payment.recorded.v1', { payment_id: 'p', amount: 10, paid_on: '2026-06-01', ...data })

  test('is collected by the institute unless it says otherwise', () => {
    const output = (collected_by: unknown): unknown =>
      outputOf('erp.payment.recorded.v1', { payment_id: 'p', amount: 1, paid_on: '2026-06-01', collected_by })[
        'collected_by'
      ]
    expect([undefined, null, 'institute', 'jodo'].map(output)).toEqual(['institute', 'institute', 'institute', 'jodo'])
    expect(recorded({ collected_by: 'bank' })).toEqual(['/collected_by'])
  })

  test('covers its allocations to the paisa', () => {
    expect(recorded(allocated(['A', 9.99], ['B', '0.01']))).toEqual([])
    expect(recorded(allocated(['A', 9.99], ['B', '0.02']))).toEqual(['/allocations'])
    expect(recorded({ allocations: [] })).toEqual([])
  })

  test('may allocate to one component and one reference again and again', () => {
    expect(recorded(allocated(['A', 1, 'r'], ['A', 1, 'r']))).toEqual([])
  })
})

describe('within one list nothing stands twice', () => {
  const twice = (list: object[]): object[] => [...list, ...list]
  const fee = { component_type: 'A', amount: 1 }
  const [entry] = plan(['2026-07-01', 'r1', [['A', 1]]])
  test.each<[string, EventType, object, string]>([
    ['component_type', 'erp.fees.assessed.v1', { fee_components: twice([fee]) }, '/fee_components/1/component_type'],
    [
      'a detail’s component_type',
      'erp.schedule.set.v1',
      { payment_schedule: [{ due_date: '2026-07-01', details: twice([fee]) }] },
      '/payment_schedule/0/details/1/component_type',
    ],
    ['reference_id', 'erp.schedule.set.v1', { payment_schedule: twice([entry!]) }, '/payment_schedule/1/reference_id'],
    ['an enrolment', 'erp.student.snapshot.v1', { enrolments: twice([listed([])]) }, '/enrolments/1/grade'],
    [
      'discount_id',
      'erp.student.snapshot.v1',
      { enrolments: [listed([], { discounts: twice([{ discount_id: 'd', component_type: 'A', amount: 1 }]) })] },
      '/enrolments/0/discounts/1/discount_id',
    ],
    [
      'payment_id',
      'erp.student.snapshot.v1',
      { enrolments: [listed([], { payments: twice([{ payment_id: 'p', amount: 1, paid_on: '2026-06-01' }]) })] },
      '/enrolments/0/payments/1/payment_id',
    ],
  ])('%s', (_name, type, data, path) => {
    expect(problemsOf(type, data)).toEqual([path])
  })

  test('a number and its text are the same id', () => {
    const fee_components = [
      { component_type: 7, amount: 1 },
      { component_type: '7', amount: 1 },
    ]
    expect(problemsOf('erp.fees.assessed.v1', { fee_components })).toEqual(['/fee_components/1/component_type'])
  })

  test('entries of a schedule without a reference are never the same', () => {
    const payment_schedule = twice([{ due_date: '2026-07-01', reference_id: null, details: [fee] }])
    expect(problemsOf('erp.schedule.set.v1', { payment_schedule })).toEqual([])
  })

  test('an enrolment without a branch is another than one with', () => {
    const enrolments = [listed([]), listed([], { collector_code: undefined }), listed([], { grade: '6' })]
    expect(problemsOf('erp.student.snapshot.v1', { enrolments })).toEqual([])
  })
})

describe('lists', () => {
  test('of fees, discounts, payments and allocations may be empty', () => {
    expect(problemsOf('erp.fees.assessed.v1', { fee_components: [] })).toEqual([])
    expect(
      problemsOf('erp.student.snapshot.v1', { enrolments: [listed([], { discounts: [], payments: [] })] }),
    ).toEqual([])
  })

  test('of a schedule and of its details may not', () => {
    expect(problemsOf('erp.schedule.set.v1', { payment_schedule: [] })).toEqual(['/payment_schedule'])
    expect(problemsOf('erp.schedule.set.v1', { payment_schedule: [{ due_date: '2026-07-01', details: [] }] })).toEqual([
      '/payment_schedule/0/details',
    ])
    expect(problemsOf('erp.student.snapshot.v1', { enrolments: [listed([], { payment_schedule: [] })] })).toEqual([
      '/enrolments/0/payment_schedule',
    ])
  })

  test('are required where the event is about them', () => {
    expect(problemsOf('erp.fees.assessed.v1', {})).toEqual(['/fee_components'])
    expect(problemsOf('erp.schedule.set.v1', { payment_schedule: null })).toEqual(['/payment_schedule'])
    expect(problemsOf('erp.student.snapshot.v1', { enrolments: null })).toEqual(['/enrolments'])
  })
})

describe('a snapshot lists enrolments', () => {
  test.each(Object.keys({ ...PLACE, ...PROFILE, status: '' }).filter((field) => field !== 'collector_code'))(
    '%s is required',
    (field) => {
      expect(problemsOf('erp.student.snapshot.v1', { enrolments: [listed([], { [field]: null })] })).toEqual([
        `/enrolments/0/${field}`,
      ])
    },
  )

  test('a status is one of three words', () => {
    expect(problemsOf('erp.student.snapshot.v1', { enrolments: [listed([], { status: 'left' })] })).toHaveLength(1)
  })

  test('fees that are absent are not assessed, and an empty list is', () => {
    const enrolments = [listed(null, { fee_components: null }), listed([], { grade: '6' })]
    const output = outputOf('erp.student.snapshot.v1', { enrolments })['enrolments'] as { fee_components?: unknown }[]
    expect(output.map((item) => item.fee_components)).toEqual([undefined, []])
  })
})

test('unknown fields are ignored wherever they stand', () => {
  const output = outputOf('erp.fees.assessed.v1', {
    student: { ...REF, house: 'red', __proto__: { x: 1 } },
    fee_components: [{ component_type: 'A', amount: 1, tax: { rate: 5 } }],
    term: 1,
  })
  expect(output).toEqual({ student: REF, fee_components: [{ component_type: 'A', amount: 100 }] })
})
