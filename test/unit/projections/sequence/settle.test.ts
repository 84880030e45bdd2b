import { describe, expect, test } from 'vitest'
import type { Said } from '../../../golden/example.ts'
import { assessed, changed, enrolled, granted, listed, paid, plan, snapshot } from '../../../golden/said.ts'
import { nth, recordOf } from '../../../support/events.ts'
import { feesOf, tell } from '../../../support/tell.ts'

const B = { source: '/erp/b' }
const BAD = changed('A', -1)
const SNAPSHOT = snapshot(listed([['A', 7]]))
const other = (said: Said): Said => ({ ...said, ...B })

describe('a snapshot settles what its source left open before it', () => {
  test('holes and held events, by number', () => {
    const told = tell(nth(1, enrolled()), nth(3, changed('A', 3)), nth(6, changed('A', 6)), nth(4, SNAPSHOT))
    expect(told.outcomes).toEqual(['applied', 'held', 'held', 'applied'])
    expect(told.suspect).toBe(true)
    const healed = tell(
      nth(1, enrolled()),
      nth(3, changed('A', 3)),
      nth(6, changed('A', 6)),
      nth(4, SNAPSHOT),
      nth(5, changed('A', 5)),
    )
    expect(healed.suspect).toBe(false)
    expect(feesOf(healed)).toEqual({ A: 6 })
  })

  test('dead letters below its number, and none above it', () => {
    const below = tell(nth(1, enrolled()), nth(2, BAD), nth(3, SNAPSHOT))
    expect(below.suspect).toBe(false)
    const above = tell(nth(1, enrolled()), nth(4, BAD), nth(3, SNAPSHOT))
    expect(above.suspect).toBe(true)
    expect(tell(nth(1, enrolled()), nth(4, BAD), nth(3, SNAPSHOT), nth(5, changed('A', 5))).outcomes.at(-1)).toBe(
      'held',
    )
  })

  test('by the log, where it or they bear no number', () => {
    expect(tell(enrolled(), BAD, SNAPSHOT).suspect).toBe(false)
    expect(tell(nth(1, enrolled()), nth(9, BAD), nth(12, changed('A', 3)), SNAPSHOT).suspect).toBe(false)
    expect(tell(enrolled(), SNAPSHOT, BAD).suspect).toBe(true)
  })

  test('and what an unknown source left open, but no other one', () => {
    expect(tell(enrolled(), recordOf('{'), SNAPSHOT).suspect).toBe(false)
    expect(tell(enrolled(), other(BAD), SNAPSHOT).suspect).toBe(true)
    expect(tell(enrolled(), other(nth(2, changed('A', 2))), SNAPSHOT).suspect).toBe(true)
  })

  test('and what waits for an enrolment that it lists, whoever sent that', () => {
    const told = tell(other(changed('A', 9)), SNAPSHOT)
    expect(told.outcomes).toEqual(['orphan', 'applied'])
    expect(told.suspect).toBe(false)
    expect(feesOf(told)).toEqual({ A: 7 })
    expect(tell(other(changed('A', 9, { grade: '6' })), SNAPSHOT).suspect).toBe(true)
  })
})

describe('a snapshot replaces', () => {
  test('the enrolments of its source by those it lists', () => {
    const told = tell(enrolled(), enrolled({}, { grade: '6' }), other(enrolled({}, { grade: '7' })), SNAPSHOT)
    expect(told.answers.enrolments.map(({ grade }) => grade)).toEqual(['7', '5'])
  })

  test('what it lists, whoever it belonged to: it is its source’s from then on', () => {
    const told = tell(other(enrolled()), other(assessed([['A', 1]])), SNAPSHOT)
    expect(feesOf(told)).toEqual({ A: 7 })
    expect(tell(other(enrolled()), SNAPSHOT, snapshot()).answers.enrolments).toEqual([])
    expect(tell(other(enrolled()), SNAPSHOT, other(snapshot())).answers.enrolments).toHaveLength(1)
  })

  test('all the money: what it does not list is gone', () => {
    const told = tell(
      enrolled(),
      assessed([['A', 100]]),
      granted('d', 'A', { amount: 1 }),
      paid('p', 5),
      snapshot(listed([['A', 50]])),
    )
    expect(feesOf(told)).toEqual({ A: 50 })
    const whole = snapshot(
      listed([['A', 50]], {
        discounts: [{ discount_id: 'd', component_type: 'A', percent: 10 }],
        payments: [{ payment_id: 'p', amount: 5, paid_on: '2026-06-01' }],
        payment_schedule: plan(['2026-07-01', 'r', [['A', 45]]]),
      }),
    )
    expect(feesOf(tell(whole))).toEqual({ A: 40 })
  })

  test('an enrolment without fees by one that is not assessed', () => {
    expect(feesOf(tell(enrolled(), assessed([['A', 1]]), snapshot(listed(null))))).toBe('incoherent')
  })

  test('a status: left at once, left from a day on, transferred', () => {
    const left = (data: object) => tell(snapshot(listed([['A', 1]], data)))
    expect(feesOf(left({ status: 'discontinued' }))).toBe('student_discontinued')
    expect(feesOf(left({ status: 'transferred' }))).toBe('student_transferred')
    const dated = left({ status: 'discontinued', effective_on: '2026-06-16' })
    expect(feesOf(dated)).toEqual({ A: 1 })
    expect(feesOf(dated, 0, Date.parse('2026-06-16T00:00:00+05:30'))).toBe('student_discontinued')
  })
})
