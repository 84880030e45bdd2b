import { describe, expect, test } from 'vitest'
import {
  assessed,
  discontinued,
  enrolled,
  listed,
  paid,
  reinstated,
  snapshot,
  transferred,
  updated,
} from '../../../golden/said.ts'
import { bodyOf, feesOf, type Told, tell } from '../../../support/tell.ts'

const START = [
  enrolled(),
  assessed([
    ['A', 100],
    ['B', 50],
  ]),
]
const on = (day: string): number => Date.parse(`${day}T12:00:00+05:30`)
const answersOf = (told: Told): unknown[] => told.answers.enrolments.map((_, index) => feesOf(told, index))

describe('enrolling', () => {
  test('creates an enrolment that is active and not assessed', () => {
    const told = tell(enrolled())
    expect(told.answers.enrolments).toMatchObject([
      { grade: '5', yearStart: '2026', yearEnd: '2027', now: { status: 'active' } },
    ])
    expect(feesOf(told)).toBe('incoherent')
  })

  test('again replaces the profile and keeps the money', () => {
    const told = tell(
      enrolled({ date_of_birth: '2015-04-17' }),
      assessed([['A', 100]]),
      paid('p', 10),
      enrolled({ fullname: 'New' }, { academic_year_end: '2028' }),
    )
    expect(feesOf(told)).toEqual({ A: 90 })
    expect(bodyOf(told)!.data.student).toMatchObject({ fullname: 'New', academic_year_end: '2028' })
    expect(bodyOf(told)!.data.student).not.toHaveProperty('date_of_birth')
  })

  test('makes one that had left active and unsettled, until it is reinstated or a snapshot lists it', () => {
    const again = [...START, discontinued(), enrolled()]
    expect(tell(...again).answers.enrolments[0]!.now).toMatchObject({ status: 'active', wants: 'settled' })
    expect(feesOf(tell(...again, reinstated()))).toEqual({ A: 100, B: 50 })
    expect(feesOf(tell(...again, snapshot(listed([['A', 7]]))))).toEqual({ A: 7 })
  })

  test('asks whether the leaving has come on the day of the event', () => {
    const announced = [...START, discontinued({ effective_on: '2026-06-10' })]
    const onDay = (time: string) => tell(...announced, { ...enrolled(), time })
    expect(feesOf(onDay('2026-06-09T23:59:59+05:30'), 0, on('2026-06-09'))).toEqual({ A: 100, B: 50 })
    expect(feesOf(onDay('2026-06-09T23:59:59+05:30'), 0, on('2026-06-10'))).toBe('student_discontinued')
    expect(feesOf(onDay('2026-06-10T00:00:00+05:30'), 0, on('2026-06-10'))).toBe('incoherent')
  })

  test('makes its source the owner', () => {
    const told = tell({ ...enrolled(), source: '/erp/b' }, enrolled(), snapshot())
    expect(told.answers.enrolments).toEqual([])
  })

  test('without a branch is another enrolment than with one', () => {
    const told = tell(enrolled(), enrolled({}, { collector_code: undefined }), enrolled({}, { collector_code: null }))
    expect(told.answers.enrolments.map(({ collectorCode }) => collectorCode)).toEqual(['BLR-01', null])
  })
})

describe('an update', () => {
  test('changes the fields it bears, removes by null, and leaves the rest', () => {
    const told = tell(
      enrolled({ date_of_birth: '2015-04-17', custom_identifier: 'C', user: { name: 'U', phone: '1' } }),
      assessed([]),
      updated({ fullname: 'New', date_of_birth: null, new_admission: true }),
    )
    expect(bodyOf(told)!.data.student).toMatchObject({
      fullname: 'New',
      new_admission: true,
      primary_contact_name: 'Ravi Rao',
    })
    expect(bodyOf(told)!.data.student).not.toHaveProperty('date_of_birth')
    expect(told.answers.enrolments[0]!.customIdentifier).toBe('C')
    expect(bodyOf(told)!.data).toHaveProperty('user')
    expect(
      bodyOf(tell(enrolled({ user: { name: 'U', phone: '1' } }), assessed([]), updated({ user: null })))!.data,
    ).not.toHaveProperty('user')
  })

  test('of an enrolment that has left applies', () => {
    expect(tell(enrolled(), discontinued(), updated({ fullname: 'New' })).outcomes).toEqual([
      'applied',
      'applied',
      'applied',
    ])
  })
})

describe('a discontinuation', () => {
  test('without a date is effective at once, with the message it gave', () => {
    const told = tell(...START, discontinued({ message: 'Left the city.' }))
    expect(bodyOf(told)).toEqual({ status: 'error', message: 'Left the city.', code: 'student_discontinued' })
  })

  test('with a date is effective from the first moment of that day in the configured timezone', () => {
    const told = tell(...START, discontinued({ effective_on: '2026-07-01' }))
    expect(feesOf(told, 0, Date.parse('2026-06-30T23:59:59.999+05:30'))).toEqual({ A: 100, B: 50 })
    expect(feesOf(told, 0, Date.parse('2026-07-01T00:00:00+05:30'))).toBe('student_discontinued')
  })

  test('with a date of the past is effective', () => {
    expect(feesOf(tell(...START, discontinued({ effective_on: '2026-01-01' })))).toBe('student_discontinued')
  })

  test('replaces the one before it', () => {
    const later = tell(
      ...START,
      discontinued({ effective_on: '2026-06-10' }),
      discontinued({ effective_on: '2026-07-10' }),
    )
    expect(feesOf(later, 0, on('2026-06-20'))).toEqual({ A: 100, B: 50 })
    expect(feesOf(later, 0, on('2026-07-20'))).toBe('student_discontinued')
  })

  test('before its date the standing is what it would be had none come', () => {
    for (const first of [discontinued({ message: 'first' }), discontinued({ effective_on: '2026-05-01' })]) {
      const told = tell(...START, first, discontinued({ effective_on: '2026-07-10', message: 'second' }))
      expect(feesOf(told)).toEqual({ A: 100, B: 50 })
      expect(bodyOf(told, 0, on('2026-07-10'))).toMatchObject({ message: 'second' })
    }
  })

  test('is cancelled by a reinstatement and a transfer to it, and stays announced over an enrolment', () => {
    const announced = [...START, discontinued({ effective_on: '2026-07-01' })]
    expect(feesOf(tell(...announced, reinstated()), 0, on('2026-08-01'))).toEqual({ A: 100, B: 50 })
    expect(feesOf(tell(...announced, enrolled()))).toEqual({ A: 100, B: 50 })
    expect(feesOf(tell(...announced, enrolled()), 0, on('2026-08-01'))).toBe('student_discontinued')
    const back = transferred({ academic_year_start: '2026' }, {}, { academic_year_start: '2025' })
    const told = tell(...announced, enrolled({}, { academic_year_start: '2025' }), back)
    expect(feesOf(told, 0, on('2026-08-01'))).toEqual({ A: 100, B: 50 })
  })

  test('of a transferred one has no effect', () => {
    const told = tell(...START, transferred({ grade: '6' }), discontinued())
    expect(told.outcomes.at(-1)).toBe('applied')
    expect(answersOf(told)).toEqual(['student_transferred', { A: 100, B: 50 }])
  })

  test('keeps fees, payments and discounts coming', () => {
    expect(feesOf(tell(...START, discontinued(), paid('p', 10), reinstated()))).toEqual({ A: 90, B: 50 })
  })
})
