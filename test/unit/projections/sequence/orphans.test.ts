import { describe, expect, test } from 'vitest'
import { changed, enrolled } from '../../../golden/said.ts'
import { nth } from '../../../support/events.ts'
import { feesOf, tell } from '../../../support/tell.ts'

describe('orphans', () => {
  test('wait for their enrolment, in order of arrival, before the next held one has its turn', () => {
    const told = tell(
      nth(1, changed('A', 1)),
      { ...changed('A', 2), source: '/erp/b' },
      nth(3, changed('A', 3)),
      nth(2, enrolled()),
    )
    expect(told.outcomes).toEqual(['orphan', 'orphan', 'held', 'applied+applied+applied+applied'])
    expect(feesOf(told)).toEqual({ A: 3 })
    expect(told.suspect).toBe(false)
  })

  test('of one source apply in its sequence, though a later one lay first in the log', () => {
    const told = tell(nth(2, changed('A', 2)), { ...changed('A', 9), source: '/erp/b' }, nth(1, changed('A', 1)), {
      ...enrolled(),
      source: '/erp/c',
    })
    expect(told.outcomes).toEqual(['held', 'orphan', 'orphan+orphan', 'applied+applied+applied+applied'])
    expect(feesOf(told)).toEqual({ A: 2 })
  })

  test('keep the student suspect', () => {
    expect(tell(enrolled({}, { grade: '6' }), changed('A', 1)).suspect).toBe(true)
  })

  test('have had their turn: the next number applies', () => {
    const told = tell(nth(1, changed('A', 1)), nth(2, enrolled({}, { grade: '6' })))
    expect(told.outcomes).toEqual(['orphan', 'applied'])
  })
})
