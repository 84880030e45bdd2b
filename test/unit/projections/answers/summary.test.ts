import { describe, expect, test } from 'vitest'
import { type AnswerSummary, compareAnswers, summaryOf } from '../../../../projections/answers/summary.ts'
import type { Paise } from '../../../../projections/values/ids.ts'

const owes = (payable: number, ...instalments: readonly (readonly [string, number, string?])[]): AnswerSummary => ({
  status: 200,
  code: null,
  payable: payable as Paise,
  instalments:
    instalments.length === 0
      ? null
      : instalments.map(([due_date, amount, reference]) => ({
          due_date,
          reference_id: reference ?? null,
          amount: amount as Paise,
        })),
})
const refused = (code: string): AnswerSummary => ({ status: 422, code, payable: null, instalments: null })

describe('how a later answer differs from an earlier one', () => {
  test.each([
    ['the same sum', owes(100), owes(100), null],
    ['less', owes(100), owes(99), 'lower'],
    ['more', owes(100), owes(101), 'higher'],
    ['nothing left to pay', owes(100), owes(0), 'lower'],
    ['the same instalments', owes(2, ['a', 1], ['b', 1]), owes(2, ['a', 1], ['b', 1]), null],
    ['the same sum on another day', owes(2, ['a', 2]), owes(2, ['b', 2]), 'moved'],
    ['the same sum under another reference', owes(2, ['a', 2, 'x']), owes(2, ['a', 2, 'y']), 'moved'],
    ['the same sum, and a schedule now', owes(2), owes(2, ['a', 2]), 'moved'],
    ['a smaller sum in other instalments', owes(2, ['a', 2]), owes(1, ['b', 1]), 'lower'],
    ['gone', owes(100), refused('student_discontinued'), 'left'],
    ['back', refused('student_discontinued'), owes(100), 'returned'],
    ['found', refused('student_not_found'), owes(0), 'returned'],
    ['the same refusal', refused('student_discontinued'), refused('student_discontinued'), null],
    ['another refusal', refused('student_discontinued'), refused('student_transferred'), 'left'],
  ])('%s', (_, before, now, change) => {
    expect(compareAnswers(before, now)).toBe(change)
  })
})

describe('the summary of a body', () => {
  test('sums fees, and the details of each instalment', () => {
    const body = {
      status: 'success',
      data: {
        fee_components: [{ fee_amount: 10.1 }, { fee_amount: 0.2 }, { fee_amount: 5000 }],
        payment_schedule: [
          { due_date: '2026-07-17', reference_id: 'r', details: [{ amount: 0.1 }, { amount: 0.2 }] },
          { due_date: '2026-08-17', details: [] },
        ],
      },
    }
    expect(summaryOf(200, JSON.stringify(body))).toEqual(owes(501_030, ['2026-07-17', 30, 'r'], ['2026-08-17', 0]))
  })

  test('of a refusal is its code', () => {
    expect(summaryOf(422, '{"status":"error","message":"m","code":"student_transferred"}')).toEqual(
      refused('student_transferred'),
    )
  })

  test("takes an ERP's amounts, texts and more decimals than an event may have", () => {
    const body = { data: { fee_components: [{ fee_amount: '100.50' }, { fee_amount: 1.006 }] } }
    expect(summaryOf(200, JSON.stringify(body)).payable).toBe(10_151)
  })
})
