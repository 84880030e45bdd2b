import { describe, expect, test } from 'vitest'
import {
  assessed,
  changed,
  cleared,
  enrolled,
  granted,
  paid,
  removed,
  reversed,
  revoked,
  scheduled,
} from '../../../golden/said.ts'
import { feesOf, planOf, tell } from '../../../support/tell.ts'

const START = [
  enrolled(),
  assessed([
    ['A', 100],
    ['B', 50],
  ]),
]

describe('money', () => {
  test('assessed replaces all components, in its order', () => {
    const told = tell(
      ...START,
      assessed([
        ['C', 1],
        ['A', 2],
      ]),
    )
    expect(Object.entries(feesOf(told) as object)).toEqual([
      ['C', 1],
      ['A', 2],
    ])
  })

  test('of one component changes where it stands, or is added last', () => {
    const told = tell(...START, changed('A', 7), changed('C', 8))
    expect(Object.entries(feesOf(told) as object)).toEqual([
      ['A', 7],
      ['B', 50],
      ['C', 8],
    ])
  })

  test('is assessed by one changed component as well', () => {
    expect(feesOf(tell(enrolled(), changed('A', 7)))).toEqual({ A: 7 })
  })

  test('removed is gone; a component that is not there changes nothing, and assesses nothing', () => {
    expect(feesOf(tell(...START, removed('A')))).toEqual({ B: 50 })
    const told = tell(enrolled(), removed('A'))
    expect(told.outcomes.at(-1)).toBe('ignored')
    expect(feesOf(told)).toBe('incoherent')
  })

  test('granted again replaces the discount; revoked removes it; an unknown one changes nothing', () => {
    const granted10 = [...START, granted('d', 'A', { amount: 10 })]
    expect(feesOf(tell(...granted10, granted('d', 'B', { amount: 5 })))).toEqual({ A: 100, B: 45 })
    expect(feesOf(tell(...granted10, revoked('d')))).toEqual({ A: 100, B: 50 })
    expect(tell(...granted10, revoked('x')).outcomes.at(-1)).toBe('ignored')
  })

  test('granted for a component that is missing is worth nothing until it comes', () => {
    const told = [...START, granted('d', 'C', { amount: 10 })]
    expect(feesOf(tell(...told))).toEqual({ A: 100, B: 50 })
    expect(feesOf(tell(...told, changed('C', 30)))).toEqual({ A: 100, B: 50, C: 20 })
  })

  test('recorded again replaces the payment in its place; reversed removes it; an unknown one changes nothing', () => {
    expect(feesOf(tell(...START, paid('p', 10), paid('p', 30)))).toEqual({ A: 70, B: 50 })
    expect(feesOf(tell(...START, paid('p', 10), reversed('p')))).toEqual({ A: 100, B: 50 })
    expect(tell(...START, reversed('p')).outcomes.at(-1)).toBe('ignored')
  })

  test('scheduled again replaces the schedule; cleared, there is none', () => {
    const entries = [
      enrolled(),
      assessed([['A', 10]]),
      scheduled(['2026-07-01', 'r', [['A', 4]]], ['2026-08-01', 's', [['A', 6]]]),
    ]
    expect(planOf(tell(...entries, scheduled(['2026-09-01', 'r', [['A', 10]]])))).toEqual([['2026-09-01', ['A', 10]]])
    expect(planOf(tell(...entries, cleared()))).toBeUndefined()
  })
})
