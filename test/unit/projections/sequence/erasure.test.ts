import { describe, expect, test } from 'vitest'
import type { Said } from '../../../golden/example.ts'
import {
  assessed,
  changed,
  discontinued,
  enrolled,
  erased,
  listed,
  PROFILE,
  paid,
  snapshot,
} from '../../../golden/said.ts'
import { nth, recordOf } from '../../../support/events.ts'
import { feesOf, tell } from '../../../support/tell.ts'

const B = { source: '/erp/b' }
const BAD = changed('A', -1)
const SNAPSHOT = snapshot(listed([['A', 7]]))
const other = (said: Said): Said => ({ ...said, ...B })

test('a conflict under a number that has its turn while the student is erased is ignored as well', () => {
  const told = tell(
    nth(1, enrolled()),
    nth(3, changed('A', 3)),
    nth(3, changed('A', 33)),
    nth(2, { ...erased(), time: '2026-07-01T00:00:00Z' }),
  )
  expect(told.outcomes).toEqual(['applied', 'held', 'conflict', 'applied+ignored'])
  expect(told.suspect).toBe(false)
})

test('a conflict of what would enrol the student anew keeps its place while the student is erased', () => {
  const at = (hour: number, said: Said): Said => ({ ...said, time: `2026-06-01T0${hour}:00:00Z` })
  const told = tell(
    at(1, nth(1, enrolled())),
    at(2, nth(2, erased())),
    at(7, other(nth(2, changed('A', 1)))),
    at(4, nth(4, SNAPSHOT)),
    at(3, nth(3, BAD)),
    at(5, nth(5, enrolled())),
  )
  expect(told.outcomes).toEqual(['applied', 'applied', 'held', 'conflict', 'ignored', 'held'])
  expect(told.suspect).toBe(true)
})

describe('an erasure', () => {
  const CANARY = {
    fullname: 'Canary Fullname',
    primary_contact_email: 'canary@example.org',
    custom_identifier: 'CANARY-7',
  }

  test('forgets every enrolment of all sources, and all personal data', () => {
    const told = tell(
      enrolled(CANARY),
      discontinued({ message: 'Canary left' }),
      other(enrolled(CANARY, { grade: 'Canary grade' })),
      paid('canary-payment', 5, {}, { grade: 'Canary grade' }),
      other(changed('Canary component', 5, { grade: 'Canary orphan' })),
      erased(),
    )
    expect(told.answers.enrolments).toEqual([])
    expect(told.bytes!.toString()).not.toMatch(/canary/i)
    expect(told.suspect).toBe(false)
  })

  test('applies at once, whatever is missing', () => {
    expect(tell(nth(1, enrolled()), nth(5, erased())).outcomes).toEqual(['applied', 'applied'])
  })

  test('settles holes, held events and dead letters of all sources', () => {
    const told = tell(nth(1, enrolled()), nth(3, changed('A', 3)), other(nth(4, BAD)), recordOf('{'), erased())
    expect(told.suspect).toBe(false)
    expect(told.state.waiting).toEqual([])
  })

  test('lets each source go on after the highest number seen', () => {
    const told = tell(
      nth(1, enrolled()),
      nth(5, changed('A', 5)),
      other(nth(8, BAD)),
      erased(),
      nth(6, enrolled()),
      other(nth(9, changed('A', 9))),
    )
    expect(told.outcomes.slice(-2)).toEqual(['applied', 'applied'])
  })

  test('leaves held what its source sent after it by number', () => {
    const told = tell(
      nth(1, enrolled()),
      nth(5, enrolled({ fullname: 'New' })),
      nth(3, changed('A', 3)),
      nth(2, erased()),
      nth(4, changed('A', 4)),
    )
    expect(told.outcomes).toEqual(['applied', 'held', 'held', 'applied+ignored', 'ignored+applied'])
    expect(told.answers.enrolments).toHaveLength(1)
  })

  test('silences all other events, broken ones too, until the student is enrolled anew', () => {
    const told = tell(
      enrolled(),
      erased(),
      changed('A', 1),
      BAD,
      recordOf('{'),
      snapshot(),
      enrolled(),
      assessed([['A', 3]]),
    )
    expect(told.outcomes).toEqual([
      'applied',
      'applied',
      'ignored',
      'ignored',
      'ignored',
      'ignored',
      'applied',
      'applied',
    ])
    expect(told.suspect).toBe(false)
    expect(feesOf(told)).toEqual({ A: 3 })
  })

  test('is over with a snapshot that lists an enrolment', () => {
    expect(feesOf(tell(enrolled(), erased(), SNAPSHOT))).toEqual({ A: 7 })
  })

  test('brings nothing back when the student is enrolled anew', () => {
    const told = tell(enrolled({ ...PROFILE, date_of_birth: '2015-04-17' }), assessed([['A', 5]]), erased(), enrolled())
    expect(feesOf(told)).toBe('incoherent')
    expect(told.state.enrolments[0]!.profile.date_of_birth).toBeUndefined()
  })

  test('gives the numbers of bad events their turn', () => {
    const told = tell(nth(1, enrolled()), nth(2, erased()), nth(3, BAD), nth(4, enrolled()), nth(5, changed('A', 5)))
    expect(told.outcomes).toEqual(['applied', 'applied', 'ignored', 'applied', 'applied'])
  })

  test('passes the number of a bad event in its turn, but not where the student is enrolled anew before', () => {
    const before = [nth(1, enrolled()), nth(2, erased()), nth(5, BAD)]
    expect(tell(...before, nth(3, changed('A', 3)), nth(4, changed('A', 4)), nth(6, enrolled())).suspect).toBe(false)
    const enrolledAnew = [...before, nth(3, enrolled()), nth(4, changed('A', 4))]
    expect(tell(...enrolledAnew).suspect).toBe(true)
    expect(tell(...enrolledAnew, nth(6, changed('A', 6))).outcomes.at(-1)).toBe('held')
    expect(feesOf(tell(...enrolledAnew, nth(6, changed('A', 6)), nth(5, changed('A', 5))))).toEqual({ A: 6 })
  })

  test('passes no number under which a good event waits', () => {
    const told = tell(
      nth(1, erased()),
      nth(3, BAD),
      nth(3, changed('A', 3)),
      nth(4, changed('A', 4)),
      nth(2, enrolled()),
    )
    expect(told.outcomes).toEqual(['applied', 'ignored', 'held', 'held', 'applied+applied+applied'])
    expect(feesOf(told)).toEqual({ A: 4 })
  })

  test('after a snapshot without a number: a bad event bears the first one, and nothing is missing', () => {
    const told = tell(SNAPSHOT, erased(), nth(7, BAD))
    expect(told.outcomes.at(-1)).toBe('ignored')
    expect(told.suspect).toBe(false)
    expect(tell(SNAPSHOT, erased(), nth(7, BAD), nth(8, enrolled())).suspect).toBe(false)
  })

  test('silences one that there is no room for', () => {
    const early = Array.from({ length: 257 }, (_, index) => nth(index + 3, changed('A', index)))
    const told = tell(nth(1, erased()), ...early)
    expect(told.outcomes.at(-1)).toBe('ignored')
    expect(told.letters).toEqual([])
  })

  test('silences the first number after a snapshot without one, and the next ones wait for their turn', () => {
    const before = [SNAPSHOT, erased(), nth(1, BAD), nth(3, changed('A', 3))]
    expect(tell(...before).outcomes).toEqual(['applied', 'applied', 'ignored', 'held'])
    expect(tell(...before, nth(2, enrolled())).letters).toEqual([])
  })

  test('of a student that was never known silences as well', () => {
    expect(tell(erased(), changed('A', 1), BAD).outcomes).toEqual(['applied', 'ignored', 'ignored'])
  })
})
