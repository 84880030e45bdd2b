import { describe, expect, test } from 'vitest'
import { archiveOf, decodeRecord, sameRecord } from '../../../../consumers/stored/record.ts'
import { CHANGES_UNTIL_REST } from '../../../../projections/state/resting.ts'
import { as, assessed, discontinued, paid, snapshot, transferred } from '../../../golden/said.ts'
import { inYear, type Promotion, schoolYears } from '../../../support/school-years.ts'
import { bodyOf, type Entry, feesOf, type Told, tell, tellOn } from '../../../support/tell.ts'

const TODAY = Date.parse('2026-06-15T12:00:00+05:30')
const PROMOTIONS: readonly Promotion[] = ['enrolled', 'left', 'transferred']
const bytesOf = (told: Told): Buffer => told.bytes!
const yearsIn = (told: Told): readonly string[] => told.answers.enrolments.map(({ yearStart }) => yearStart)
const placeOf = (told: Told, year: number): number => yearsIn(told).indexOf(String(year))

describe.each(PROMOTIONS)('a student of ten years, promoted as “%s”,', (how) => {
  const ten = tell(...schoolYears(10, how))

  test('has a record of at most three times that of the current year', () => {
    expect(bytesOf(ten).length).toBeLessThanOrEqual(3 * bytesOf(tell(...schoolYears(1, how))).length)
  })

  test('answers for the current year from the record itself', () => {
    expect(ten.answers.enrolments[placeOf(ten, 2026)]!.now.body).not.toBeNull()
    expect(feesOf(ten, placeOf(ten, 2026), TODAY)).toMatchObject({ TUITION: 18_000 })
  })

  test('answers for a former year as it did when that was the current one', () => {
    const then = tell(...schoolYears(10, how).filter(({ time }) => time! < '2020'))
    const [now, before] = [ten, then].map((told) => bodyOf(told, placeOf(told, 2018), TODAY))
    expect(now).toEqual(before)
    expect(yearsIn(ten)).toEqual(Array.from({ length: 10 }, (_, at) => String(2017 + at)))
  })

  test('has the same bytes whether its events come at once or one by one', () => {
    const one = schoolYears(10, how).reduce<{ bytes: Buffer | null; count: number }>(
      (from, said) => ({ bytes: tellOn(from, [said]).bytes, count: from.count + 1 }),
      { bytes: null, count: 0 },
    )
    expect(Buffer.compare(one.bytes!, bytesOf(ten))).toBe(0)
  })

  test('keeps its archive as it is through events of the current year', () => {
    const paidMore = tellOn({ bytes: bytesOf(ten), count: 900 }, [paid('more', 1, {}, inYear(2026))])
    expect(archiveOf(paidMore.bytes!)).toEqual(archiveOf(bytesOf(ten)))
    expect(feesOf(paidMore, placeOf(paidMore, 2026), TODAY)).toMatchObject({ TUITION: 18_000, TRANSPORT: 20_999 })
  })
})

describe('an event about a former year', () => {
  const ten = tell(...schoolYears(10, 'enrolled'))
  const further = (...entries: readonly Entry[]) => tellOn({ bytes: bytesOf(ten), count: 900 }, entries)

  test('applies, and its answer is at hand until others have changed often enough', () => {
    const arrears = further(assessed([['ARREARS', 5]], inYear(2020)))
    expect(arrears.outcomes).toEqual(['applied'])
    expect(arrears.answers.enrolments[placeOf(arrears, 2020)]!.now.body).toBeNull()
    expect(arrears.answers.enrolments[placeOf(arrears, 2020)]!.now.wants).toBe('agreeing')
    const others = Array.from({ length: CHANGES_UNTIL_REST }, (_, at) => paid(`more-${at}`, 1, {}, inYear(2026)))
    const rested = further(assessed([['ARREARS', 5]], inYear(2020)), ...others)
    expect(rested.answers.enrolments[placeOf(rested, 2020)]!.now.wants).toBe('rendered')
  })

  test.each([
    ['a transfer out of it', transferred({ grade: 'X' }, {}, inYear(2019)), 11],
    ['a transfer into it', transferred({ academic_year_start: '2019', grade: '4' }, {}, inYear(2026)), 10],
    ['a leaving', discontinued({}, inYear(2019)), 10],
    ['a snapshot of its source that lists nothing', snapshot(), 0],
  ])('finds it: %s', (_what, said, count) => {
    const told = further(said)
    expect(told.outcomes).toEqual(['applied'])
    expect(told.answers.enrolments).toHaveLength(count)
  })

  test('is found though it waited for a number', () => {
    const numbered = further(
      as(paid('b', 2, {}, inYear(2018)), { source: '/erp/x', sequence: 2 }),
      as(paid('a', 1, {}, inYear(2026)), { source: '/erp/x', sequence: 1 }),
    )
    expect(numbered.outcomes).toEqual(['held', 'applied+applied'])
    expect(feesOf(numbered, placeOf(numbered, 2018), TODAY)).toMatchObject({ TRANSPORT: 20_998 })
  })
})

test('records say the same however their archives are packed', () => {
  const bytes = bytesOf(tell(...schoolYears(3, 'enrolled')))
  const other = Buffer.from(bytes)
  expect(sameRecord(bytes, other)).toBe(true)
  other[8] = (other[8]! + 1) % 256
  expect(sameRecord(bytes, other)).toBe(false)
  expect(decodeRecord(bytes).enrolments).toHaveLength(3)
})
