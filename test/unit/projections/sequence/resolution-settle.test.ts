import { describe, expect, test } from 'vitest'
import { changed, enrolled } from '../../../golden/said.ts'
import { decision, nth } from '../../../support/events.ts'
import { feesOf, tell } from '../../../support/tell.ts'

describe('an operator settles what no dead letter stands for', () => {
  const held = [nth(1, enrolled()), nth(4, changed('A', 4))]

  test('a missing number is let go of, and what waited has its turn', () => {
    const let_go = [{ source: '/erp/main', sequence: '2', last: '3' }]
    const told = tell(...held, decision('settle', [], { let_go }))
    expect(told.outcomes.at(-1)).toBe('applied+applied')
    expect([told.suspect, feesOf(told)]).toEqual([false, { A: 4 }])
  })

  test('an event that waits is dropped, and its number let go of', () => {
    const told = tell(
      ...held,
      decision('settle', [], { waiting: [{ partition: 0, offset: 1 }] }),
      nth(2, changed('A', 2)),
      nth(3, changed('A', 3)),
    )
    expect(told.outcomes.slice(2)).toEqual(['ignored+applied', 'applied', 'applied'])
    expect([told.suspect, feesOf(told)]).toEqual([false, { A: 3 }])
  })

  test('an orphan is dropped; what waits nowhere is left alone', () => {
    const drop = decision('settle', [], { waiting: [{ partition: 0, offset: 1 }] })
    expect(tell(enrolled(), changed('A', 1, { grade: '9' }), drop).suspect).toBe(false)
    expect(tell(enrolled(), changed('A', 1), drop).outcomes.at(-1)).toBe('ignored')
  })
})
