import fc from 'fast-check'
import { expect, test } from 'vitest'
import { summaryOf } from '../../projections/answers/summary.ts'
import { phaseAt } from '../../projections/answers/view.ts'
import { scanSummary } from '../../src/answers/scan-body.ts'
import { anyHistory } from '../support/arbitraries.ts'
import { law } from '../support/law.ts'
import { NOON, tell } from '../support/tell.ts'

law(
  'what is scanned of an answer is what is parsed of it',
  anyHistory,
  (entries) => {
    for (const enrolment of tell(...entries).answers.enrolments) {
      const { status, body } = phaseAt(enrolment, NOON)
      if (body && status === 'active') expect(scanSummary(body)).toEqual(summaryOf(200, body.toString()))
    }
  },
  { runs: 300 },
)

const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.constantFrom('"amount":5', '\\', '","fee_amount":7,"', 'due_date', '],"payment_schedule":[', '{', '}'),
)
const rupees = fc.integer({ min: 0, max: 999_999_999_999 }).map((paise) => paise / 100)
const body = fc.record({
  status: fc.constant('success'),
  data: fc.record(
    {
      student: fc.record({ fullname: text, identifier: text }),
      fee_components: fc.array(fc.record({ component_type: text, fee_amount: rupees }), { maxLength: 4 }),
      payment_schedule: fc.array(
        fc.record(
          {
            due_date: fc.constantFrom('2026-07-17', '2026-08-17'),
            reference_id: text,
            identifier: text,
            is_downpayment: fc.boolean(),
            details: fc.array(fc.record({ component_type: text, amount: rupees }), { minLength: 1, maxLength: 3 }),
          },
          { requiredKeys: ['due_date', 'details'] },
        ),
        { maxLength: 4 },
      ),
      user: fc.record({ name: text, phone: text }),
    },
    { requiredKeys: ['student', 'fee_components'] },
  ),
})

law(
  'whatever the texts of a body are',
  body,
  (value) => {
    const bytes = JSON.stringify(value)
    expect(scanSummary(bytes)).toEqual(summaryOf(200, bytes))
    expect(scanSummary(Buffer.from(bytes))).toEqual(summaryOf(200, bytes))
  },
  { runs: 1000 },
)

test('a body that is written in another way is parsed', () => {
  const spaced = '{ "data": { "fee_components": [ { "fee_amount": 1e2 } ] } }'
  expect(scanSummary(spaced)).toEqual(summaryOf(200, spaced))
})
