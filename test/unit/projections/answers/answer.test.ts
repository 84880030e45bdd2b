import { describe, expect, test } from 'vitest'
import { errorBody } from '../../../../projections/answers/answer.ts'
import { phaseAt } from '../../../../projections/answers/view.ts'
import { assessed, discontinued, enrolled, paid, say, transferred } from '../../../golden/said.ts'
import { bodyOf, NOON, planOf, tell, tellAs } from '../../../support/tell.ts'

const textOf = (told: ReturnType<typeof tell>, index = 0): string | undefined =>
  phaseAt(told.answers.enrolments[index]!, NOON).body?.toString()

const NO_BRANCH = { collector_code: undefined }
const ENTRY = { due_date: '2026-07-17', details: [{ component_type: 'A', amount: 10 }] }

describe('a success', () => {
  test('has exactly its fields in their order, amounts with no more decimals than needed', () => {
    const told = tell(
      enrolled({
        date_of_birth: '2015-04-17',
        custom_identifier: 'C-1',
        user: { phone: '98', name: 'U' },
        house: 'red',
      }),
      assessed([
        ['A', '10.50'],
        ['B', '0.05'],
      ]),
      say('erp.schedule.set.v1', {
        payment_schedule: [
          {
            details: [
              { amount: '10.50', component_type: 'A' },
              { amount: 0.05, component_type: 'B' },
            ],
            is_downpayment: false,
            identifier: 7,
            reference_id: 'ref_1',
            due_date: '2026-07-17',
          },
        ],
      }),
    )
    expect(textOf(told)).toBe(
      '{"status":"success","data":{"student":{"fullname":"Asha Rao","identifier":"S-1","collector_code":"BLR-01","grade":"5","new_admission":false,"academic_year_start":"2026","academic_year_end":"2027","date_of_birth":"2015-04-17","primary_contact_name":"Ravi Rao","primary_contact_number":"9800000001","primary_contact_email":"ravi@example.org"},"fee_components":[{"component_type":"A","fee_amount":10.5},{"component_type":"B","fee_amount":0.05}],"payment_schedule":[{"due_date":"2026-07-17","reference_id":"ref_1","identifier":"7","is_downpayment":false,"details":[{"component_type":"A","amount":10.5},{"component_type":"B","amount":0.05}]}],"user":{"name":"U","phone":"98"}}}',
    )
  })

  test('leaves out what is unknown, and keeps what is empty', () => {
    const told = tell(enrolled({ fullname: '' }, NO_BRANCH), assessed([], NO_BRANCH))
    expect(textOf(told)).toBe(
      '{"status":"success","data":{"student":{"fullname":"","identifier":"S-1","grade":"5","new_admission":false,"academic_year_start":"2026","academic_year_end":"2027","primary_contact_name":"Ravi Rao","primary_contact_number":"9800000001","primary_contact_email":"ravi@example.org"},"fee_components":[]}}',
    )
  })

  test('is JSON whatever the texts are', () => {
    const fullname = '"\\\n\u0001\u2028</script>𝒜'
    expect(bodyOf(tell(enrolled({ fullname }), assessed([])))!.data.student['fullname']).toBe(fullname)
  })
})

describe('instalments that are paid', () => {
  const entries = [
    enrolled(),
    assessed([
      ['A', 20],
      ['B', 0],
    ]),
    say('erp.schedule.set.v1', {
      payment_schedule: [
        { ...ENTRY, details: [...ENTRY.details, { component_type: 'B', amount: 0 }] },
        { ...ENTRY, due_date: '2026-08-17' },
      ],
    }),
    paid('p', 10),
  ]

  test('stay at 0 under zero', () => {
    expect(planOf(tellAs({ paid_instalments: 'zero' }, ...entries))).toEqual([
      ['2026-07-17', ['A', 0], ['B', 0]],
      ['2026-08-17', ['A', 10]],
    ])
  })

  test('are left out under omit, to the last one, and components stay', () => {
    const told = tellAs({ paid_instalments: 'omit' }, ...entries)
    expect(planOf(told)).toEqual([['2026-08-17', ['A', 10]]])
    const all = tellAs({ paid_instalments: 'omit' }, ...entries, paid('q', 10))
    expect(planOf(all)).toEqual([])
    expect(bodyOf(all)!.data.fee_components).toEqual([
      { component_type: 'A', fee_amount: 0 },
      { component_type: 'B', fee_amount: 0 },
    ])
  })
})

describe('a refusal', () => {
  test('says what the event said, or a sentence of its own', () => {
    expect(textOf(tell(enrolled(), discontinued({ message: 'Left "us".' })))).toBe(
      '{"status":"error","message":"Left \\"us\\".","code":"student_discontinued"}',
    )
    expect(bodyOf(tell(enrolled(), transferred({ grade: '6' })))).toMatchObject({
      message: expect.stringMatching(/\w/),
      code: 'student_transferred',
    })
  })

  test('asks no coherence: there is no money in it', () => {
    expect(bodyOf(tell(enrolled(), discontinued()))?.code).toBe('student_discontinued')
  })

  test('is an envelope of three fields', () => {
    expect(errorBody('a "b"', 'c')).toBe('{"status":"error","message":"a \\"b\\"","code":"c"}')
  })
})
