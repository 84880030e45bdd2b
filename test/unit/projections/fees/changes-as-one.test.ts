import { describe, expect, test } from 'vitest'
import { assessed, enrolled, PROFILE, say, transferred } from '../../../golden/said.ts'
import { feesOf, tell } from '../../../support/tell.ts'

type Change = { readonly type: string; readonly data: object }
const together = (...changes: readonly Change[]) => say('erp.student.changed.v1', { changes })
const fee = (amount: unknown, data: object = {}): Change => ({
  type: 'erp.fee.changed.v1',
  data: { component_type: 'A', amount, ...data },
})
const START = [enrolled(), assessed([['A', 1]])]
const other = { student: { identifier: 'S-1', grade: '6', academic_year_start: '2026', academic_year_end: '2027' } }

describe('several changes as one', () => {
  test('have their effect in order', () => {
    expect(feesOf(tell(...START, together(fee(2), fee(3))))).toEqual({ A: 3 })
  })

  test.each([
    ['invalid', fee('x')],
    ['of a type that no change may have', { type: 'erp.student.erased.v1', data: {} }],
    ['a set of changes itself', { type: 'erp.student.changed.v1', data: { changes: [fee(2)] } }],
    ['about another identifier', fee(2, { student: { ...other.student, identifier: 'S-2' } })],
    ['a transfer to where it is', { type: 'erp.student.transferred.v1', data: { to: { grade: '5' } } }],
  ])('are all poison where one is %s', (_what, bad) => {
    const told = tell(...START, together(fee(2), bad))
    expect(told.outcomes.at(-1)).toBe('poison')
    expect(told.state.enrolments[0]!.fees).toEqual([{ component_type: 'A', amount: 100 }])
  })

  test('are all poison where one contradicts the facts', () => {
    const told = tell(...START, transferred({ grade: '6' }), together(fee(2)))
    expect(told.letters.at(-1)?.detail).toBe('transferred_away')
  })

  test('all wait where one is about an enrolment that does not exist', () => {
    const entries = [...START, together(fee(2), fee(5, other))]
    const told = tell(...entries)
    expect(told.outcomes.at(-1)).toBe('orphan')
    expect(told.state.enrolments[0]!.fees).toEqual([{ component_type: 'A', amount: 100 }])
    const come = tell(...entries, enrolled({}, { ...other.student, collector_code: null }))
    expect(come.outcomes.at(-1)).toBe('applied+applied')
    expect([0, 1].map((place) => feesOf(come, place))).toEqual([{ A: 2 }, { A: 5 }])
  })

  test('may make the enrolment that a later one is about', () => {
    const enrolling = { type: 'erp.student.enrolled.v1', data: PROFILE }
    expect(feesOf(tell(together(enrolling, fee(7))))).toEqual({ A: 7 })
  })

  test('that all have nothing to do are ignored', () => {
    const reversal = { type: 'erp.payment.reversed.v1', data: { payment_id: 'none' } }
    expect(tell(...START, together(reversal)).outcomes.at(-1)).toBe('ignored')
  })

  test('are at least one and at most 64', () => {
    const many = (count: number) => tell(...START, together(...Array.from({ length: count }, () => fee(2))))
    expect([0, 1, 64, 65].map((count) => many(count).outcomes.at(-1))).toEqual([
      'poison',
      'applied',
      'applied',
      'poison',
    ])
  })
})
