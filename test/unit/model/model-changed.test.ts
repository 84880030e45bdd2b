import { describe, expect, test } from 'vitest'
import type { Said } from '../../golden/example.ts'
import { assessed, changed, enrolled, erased, paid, reversed, STUDENT, say, transferred } from '../../golden/said.ts'
import { families, feesOf, nth, outcomes, studentOf, worldOf } from '../../model/told.ts'

const inGrade6 = { grade: '6' }
const two = [enrolled(), assessed([['A', 100]]), enrolled({}, inGrade6), assessed([['A', 100]], inGrade6)] as const
/** Without a `student` of its own where the enrolment is the event's. */
const inside = ({ type, data }: Said, own = true) => {
  const { student, ...rest } = data as { student: object }
  return { type, data: own ? rest : { student, ...rest } }
}
const together = (...changes: object[]): Said => say('erp.student.changed.v1', { changes })

describe('several changes as one', () => {
  test('reach another enrolment of the same student', () => {
    const move = together(inside(reversed('p')), inside(paid('p', 40, {}, inGrade6), false))
    const world = worldOf(...two, paid('p', 40), move)
    expect([feesOf(world, 0), feesOf(world, 1)]).toEqual([{ A: 100 }, { A: 60 }])
  })

  test('are applied in their order', () => {
    const world = worldOf(...two, together(inside(changed('A', 1)), inside(changed('A', 2))))
    expect(feesOf(world)).toEqual({ A: 2 })
  })

  test('are poison where one of them is', () => {
    const away = transferred({ grade: '7' }, {}, inGrade6)
    const world = worldOf(...two, away, together(inside(changed('A', 1)), inside(changed('A', 1, inGrade6), false)))
    expect(families(world)).toEqual(['transferred_away'])
    expect(feesOf(world)).toEqual({ A: 100 })
  })

  test('wait where one of them is an orphan, and are applied when its enrolment comes', () => {
    const move = together(inside(changed('A', 1)), inside(changed('A', 2, inGrade6), false))
    const world = worldOf(enrolled(), move)
    expect(outcomes(world)).toEqual(['applied', 'orphan'])
    expect(feesOf(world)).toBe('incoherent')
    const come = worldOf(enrolled(), move, enrolled({}, inGrade6))
    expect([feesOf(come, 0), feesOf(come, 1)]).toEqual([{ A: 1 }, { A: 2 }])
  })

  test('create what they then speak of', () => {
    const world = worldOf(together(inside(enrolled()), inside(assessed([['A', 5]]))))
    expect(outcomes(world)).toEqual(['applied'])
    expect(feesOf(world)).toEqual({ A: 5 })
  })

  test('are ignored where none had an effect', () => {
    expect(outcomes(worldOf(...two, together(inside(reversed('p'))))).at(-1)).toBe('ignored')
    expect(outcomes(worldOf(...two, together(inside(reversed('p')), inside(changed('A', 1))))).at(-1)).toBe('applied')
  })

  test('enrol an erased student anew only where they begin with it', () => {
    const said = [...two, erased()] as const
    expect(outcomes(worldOf(...said, together(inside(changed('A', 1)), inside(enrolled())))).at(-1)).toBe('ignored')
    expect(studentOf(worldOf(...said, together(inside(enrolled())))).enrolments).toHaveLength(1)
  })

  test.for([
    ['none', []],
    ['65', Array.from({ length: 65 }, () => inside(changed('A', 1)))],
    ['an unknown type', [{ type: 'erp.fee.changed.v2', data: {} }]],
    ['a foreign type', [{ type: 'com.example.tick', data: {} }]],
    ['a snapshot', [{ type: 'erp.student.snapshot.v1', data: { enrolments: [] } }]],
    ['an erasure', [{ type: 'erp.student.erased.v1', data: {} }]],
    ['others inside', [together(inside(changed('A', 1)))]],
    ['another student', [inside(changed('A', 1, { identifier: 'S-2' }), false)]],
    ['no data', [{ type: 'erp.schedule.cleared.v1' }]],
    ['broken data', [inside(changed('A', 1)), inside(changed('A', 'x'))]],
  ] as const)('%s is poison', ([, changes]) => {
    expect(families(worldOf(...two, together(...changes)))).toEqual(['invalid_data'])
  })

  test('have one place in the sequence', () => {
    const world = worldOf(nth(1, enrolled()), nth(3, changed('B', 1)), nth(2, together(inside(assessed([['A', 5]])))))
    expect(feesOf(world)).toEqual({ A: 5, B: 1 })
    expect(STUDENT.grade).toBe('5')
  })
})
