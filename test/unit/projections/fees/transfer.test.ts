import { describe, expect, test } from 'vitest'
import { findMatch } from '../../../../projections/answers/lookup.ts'
import type { Said } from '../../../golden/example.ts'
import {
  assessed,
  changed,
  cleared,
  discontinued,
  enrolled,
  granted,
  listed,
  paid,
  reinstated,
  removed,
  reversed,
  revoked,
  scheduled,
  snapshot,
  transferred,
} from '../../../golden/said.ts'
import { asStudentId, bodyOf, type Entry, feesOf, NOON, type Told, tell } from '../../../support/tell.ts'

const START = [
  enrolled(),
  assessed([
    ['A', 100],
    ['B', 50],
  ]),
]
const at = (time: string, said: Said): Said => ({ ...said, time })
const of = (grade: string) => ({ grade })
const detailOf = (told: Told): string | undefined => told.letters.at(-1)?.detail
const answersOf = (told: Told): unknown[] => told.answers.enrolments.map((_, index) => feesOf(told, index))

describe('a transfer', () => {
  test('leaves the old enrolment and carries everything to the new one, in one step', () => {
    const told = tell(
      enrolled(),
      assessed([['A', 100]]),
      granted('d', 'A', { percent: 10 }),
      scheduled(['2026-07-01', 'r', [['A', 90]]]),
      paid('p', 30),
      transferred({ grade: '6', academic_year_end: '2030' }, { message: 'Moved up.' }),
    )
    expect(bodyOf(told)).toEqual({ status: 'error', message: 'Moved up.', code: 'student_transferred' })
    expect(feesOf(told, 1)).toEqual({ A: 60 })
    expect(bodyOf(told, 1)!.data.student).toMatchObject({
      grade: '6',
      academic_year_end: '2030',
      collector_code: 'BLR-01',
    })
    expect(bodyOf(told, 1)!.data.payment_schedule).toHaveLength(1)
  })

  test('changes what it names, and null is no branch', () => {
    const told = tell(...START, transferred({ collector_code: null, academic_year_start: 2027 }))
    expect(told.answers.enrolments[1]).toMatchObject({ collectorCode: null, grade: '5', yearStart: '2027' })
  })

  test('makes the target its own source’s', () => {
    const told = tell(...START, { ...transferred({ grade: '6' }), source: '/erp/b' }, snapshot())
    expect(told.answers.enrolments.map(({ grade }) => grade)).toEqual(['6'])
  })

  test('leaves an active target that has money with its own, unsettled', () => {
    const target = [enrolled({ fullname: 'Target' }, of('6')), assessed([['Z', 1]], of('6'))]
    const entries = [...START, ...target, transferred({ grade: '6' })]
    expect(answersOf(tell(...entries))).toEqual(['student_transferred', 'incoherent'])
    expect(feesOf(tell(...entries, reinstated(of('6'))), 1)).toBe('incoherent')
    expect(feesOf(tell(...entries, snapshot(listed([['Z', 2]], of('6')))))).toEqual({ Z: 2 })
  })

  test('makes a discontinued target active, and not assessed until a snapshot lists it', () => {
    const target = [enrolled({}, of('6')), assessed([['Z', 1]], of('6')), discontinued({}, of('6'))]
    const entries = [...START, ...target, transferred({ grade: '6' })]
    expect(answersOf(tell(...entries))).toEqual(['student_transferred', 'incoherent'])
    expect(answersOf(tell(...entries, changed('Z', 5, of('6'))))).toEqual(['student_transferred', 'incoherent'])
    expect(feesOf(tell(...entries, snapshot(listed([['Z', 2]], of('6')))))).toEqual({ Z: 2 })
  })

  test('asks whether the target had left on the day of the event', () => {
    const target = [
      enrolled({}, of('6')),
      assessed([['Z', 1]], of('6')),
      discontinued({ effective_on: '2026-06-10' }, of('6')),
    ]
    const from5 = enrolled({}, { academic_year_start: '2025' })
    const to6 = transferred({ grade: '6', academic_year_start: '2026' }, {}, { academic_year_start: '2025' })
    expect(answersOf(tell(...target, from5, at('2026-06-09T23:59:59+05:30', to6)))[0]).toEqual({ Z: 1 })
    expect(answersOf(tell(...target, from5, at('2026-06-10T00:00:00+05:30', to6)))[0]).toBe('incoherent')
  })

  test('back carries everything back', () => {
    const told = tell(
      ...START,
      transferred({ grade: '6' }),
      paid('p', 20, {}, of('6')),
      transferred({ grade: '5' }, {}, of('6')),
    )
    expect(answersOf(told)).toEqual([{ A: 80, B: 50 }, 'student_transferred'])
  })

  test('again to the same target has no effect, and to another one is poison', () => {
    const gone = [...START, transferred({ grade: '6' })]
    expect(tell(...gone, transferred({ grade: '6' })).outcomes.at(-1)).toBe('applied')
    expect(detailOf(tell(...gone, transferred({ grade: '7' })))).toBe('not_active')
  })

  test('of one that has left on the day of the event makes a target that is unsettled', () => {
    const left = [...START, discontinued({ effective_on: '2026-06-10' })]
    const onDay = (time: string) => answersOf(tell(...left, at(time, transferred({ grade: '6' }))))
    expect(onDay('2026-06-10T00:00:00+05:30')).toEqual(['student_transferred', 'incoherent'])
    expect(onDay('2026-06-09T18:29:59Z')).toEqual(['student_transferred', { A: 100, B: 50 }])
  })

  test.each<[string, Said]>([
    ['fees', assessed([['A', 1]])],
    ['a fee', changed('A', 1)],
    ['a removed fee', removed('A')],
    ['a discount', granted('d', 'A', { amount: 1 })],
    ['a revoked discount', revoked('none')],
    ['a payment', paid('p', 1)],
    ['a reversed payment', reversed('none')],
    ['a schedule', scheduled(['2026-07-01', 'r', [['A', 1]]])],
    ['a cleared schedule', cleared()],
  ])('puts %s of the old enrolment out of reach: poison', (_what, said) => {
    const told = tell(...START, transferred({ grade: '6' }), said)
    expect(detailOf(told)).toBe('transferred_away')
    expect(told.suspect).toBe(true)
  })

  test.each<[string, Said]>([
    ['a reinstatement', reinstated()],
    ['an enrolment', enrolled()],
  ])('undone by %s leaves the old one not assessed until a snapshot lists it', (_what, said) => {
    const entries = [...START, transferred({ grade: '6' }), said]
    expect(feesOf(tell(...entries))).toBe('incoherent')
    expect(feesOf(tell(...entries, assessed([['A', 5]])))).toBe('incoherent')
    expect(feesOf(tell(...entries, enrolled()))).toBe('incoherent')
    expect(feesOf(tell(...entries, snapshot(listed([['A', 5]]))))).toEqual({ A: 5 })
  })
})

describe('of leavings of one day the one that came into force last is meant', () => {
  const AT_NOON = { time: '2026-06-01T12:00:00+05:30' }
  const AT_ELEVEN = { time: '2026-06-01T11:00:00+05:30' }
  const gradeOf = (...entries: Entry[]) => {
    const { enrolments } = tell(enrolled(), enrolled({}, of('6')), ...entries).answers
    const match = findMatch([{ id: asStudentId('S-1'), enrolments }], {}, 'all', NOON)
    return match.kind === 'one' ? match.enrolment.grade : match.kind
  }

  test('by the moment of their events', () => {
    expect(gradeOf({ ...discontinued(), ...AT_NOON }, { ...discontinued({}, of('6')), ...AT_ELEVEN })).toBe('5')
  })

  test('of one moment, as they applied', () => {
    expect(gradeOf({ ...discontinued({}, of('6')), ...AT_NOON }, { ...discontinued(), ...AT_NOON })).toBe('5')
    expect(gradeOf({ ...discontinued(), ...AT_NOON }, { ...discontinued({}, of('6')), ...AT_NOON })).toBe('6')
  })

  test('one with a day of its own comes into force as that day begins, whenever it was told', () => {
    const dated = { ...discontinued({ effective_on: '2026-06-01' }), time: '2026-06-02T09:00:00+05:30' }
    expect(gradeOf({ ...discontinued({}, of('6')), ...AT_ELEVEN }, dated)).toBe('6')
  })
})
