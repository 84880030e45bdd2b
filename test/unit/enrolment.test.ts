import { describe, expect, test } from 'vitest'
import type { Said } from '../golden/example.ts'
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
  updated,
} from '../golden/said.ts'
import { bodyOf, type Entry, feesOf, planOf, type Told, tell } from '../support/tell.ts'

const START = [
  enrolled(),
  assessed([
    ['A', 100],
    ['B', 50],
  ]),
]
const at = (time: string, said: Said): Said => ({ ...said, time })
const on = (day: string): number => Date.parse(`${day}T12:00:00+05:30`)
const of = (grade: string) => ({ grade })
const answersOf = (told: Told): unknown[] => told.answers.enrolments.map((_, index) => feesOf(told, index))
const detailOf = (told: Told): string | undefined => told.letters.at(-1)?.detail

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

  test('makes one that had left active, money and all', () => {
    expect(feesOf(tell(...START, discontinued(), enrolled()))).toEqual({ A: 100, B: 50 })
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

  test('before its date leaves the standing what it was: a student who has left stays left', () => {
    const told = tell(
      ...START,
      discontinued({ message: 'first' }),
      discontinued({ effective_on: '2026-07-10', message: 'second' }),
    )
    expect(bodyOf(told)).toMatchObject({ message: 'first' })
    expect(bodyOf(told, 0, on('2026-07-10'))).toMatchObject({ message: 'second' })
    const dated = tell(
      ...START,
      discontinued({ effective_on: '2026-05-01', message: 'first' }),
      discontinued({ effective_on: '2026-07-10' }),
    )
    expect(bodyOf(dated)).toMatchObject({ message: 'first' })
  })

  test('is cancelled by a reinstatement, an enrolment and a transfer to it, before its date as well', () => {
    const announced = [...START, discontinued({ effective_on: '2026-07-01' })]
    for (const cancel of [reinstated(), enrolled()])
      expect(feesOf(tell(...announced, cancel), 0, on('2026-08-01'))).toEqual({ A: 100, B: 50 })
    const told = tell(...announced, enrolled({}, of('6')), transferred({ grade: '5' }, {}, of('6')))
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

  test('leaves an active target as it is', () => {
    const target = [enrolled({ fullname: 'Target' }, of('6')), assessed([['Z', 1]], of('6'))]
    expect(answersOf(tell(...START, ...target, transferred({ grade: '6' })))).toEqual(['student_transferred', { Z: 1 }])
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
    const to6 = transferred({ grade: '6' })
    expect(answersOf(tell(...START, ...target, at('2026-06-09T23:59:59+05:30', to6)))[1]).toEqual({ Z: 1 })
    expect(answersOf(tell(...START, ...target, at('2026-06-10T00:00:00+05:30', to6)))[1]).toBe('incoherent')
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

  test('of one that has left on the day of the event is poison', () => {
    const left = [...START, discontinued({ effective_on: '2026-06-10' })]
    expect(detailOf(tell(...left, at('2026-06-10T00:00:00+05:30', transferred({ grade: '6' }))))).toBe('not_active')
    expect(tell(...left, at('2026-06-09T18:29:59Z', transferred({ grade: '6' }))).outcomes.at(-1)).toBe('applied')
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

describe('leavings of one day stand in the order they happened', () => {
  const orders = (...entries: Entry[]) =>
    tell(enrolled(), enrolled({}, of('6')), ...entries).answers.enrolments.map(({ now }) => [now.leftOn, now.leftOrder])
  const AT_NOON = { time: '2026-06-01T12:00:00+05:30' }

  test('by the moment of their events', () => {
    expect(
      orders({ ...discontinued(), ...AT_NOON }, { ...discontinued({}, of('6')), time: '2026-06-01T11:00:00+05:30' }),
    ).toEqual([
      ['2026-06-01', 2],
      ['2026-06-01', 1],
    ])
  })

  test('of one moment, as they applied', () => {
    expect(orders({ ...discontinued({}, of('6')), ...AT_NOON }, { ...discontinued(), ...AT_NOON })).toEqual([
      ['2026-06-01', 2],
      ['2026-06-01', 1],
    ])
  })
})
