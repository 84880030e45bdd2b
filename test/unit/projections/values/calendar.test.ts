import { describe, expect, test } from 'vitest'
import { calendarOf, parseDate, parseMoment } from '../../../../projections/values/calendar.ts'
import type { Instant, IsoDate } from '../../../../projections/values/ids.ts'

describe('a date', () => {
  test.each([['2026-07-17'], ['2024-02-29'], ['2000-02-29'], ['0001-01-01'], ['9999-12-31'], ['2026-12-31']])(
    '%s exists',
    (text) => {
      expect(parseDate(text)).toBe(text)
    },
  )

  test.each([
    ['2026-02-29'],
    ['1900-02-29'],
    ['2026-04-31'],
    ['2026-00-10'],
    ['2026-13-01'],
    ['2026-01-00'],
    ['2026-01-32'],
    ['2026-1-1'],
    ['26-01-01'],
    ['2026/01/01'],
    ['2026-01-01T00:00:00Z'],
    ['2026-01-01\n'],
    [' 2026-01-01'],
    ['+2026-01-01'],
    ['20260101'],
    ['２０２６-01-01'],
    [''],
    [20_260_101],
    [null],
  ])('%j is none', (text) => {
    expect(parseDate(text)).toBeNull()
  })
})

describe('a moment is kept in UTC', () => {
  test.each([
    ['2026-06-01T09:00:00Z', '2026-06-01T09:00:00'],
    ['2026-06-01t09:00:00z', '2026-06-01T09:00:00'],
    ['2026-06-01T09:00:00+05:30', '2026-06-01T03:30:00'],
    ['2026-06-01T00:00:00+05:30', '2026-05-31T18:30:00'],
    ['2026-01-01T00:00:00-00:00', '2026-01-01T00:00:00'],
    ['2025-12-31T20:00:00-05:45', '2026-01-01T01:45:00'],
    ['2026-06-01T09:00:00.1200Z', '2026-06-01T09:00:00.12'],
    ['2026-06-01T09:00:00.000Z', '2026-06-01T09:00:00'],
    ['2026-06-01T09:00:00.123456789012345678901Z', '2026-06-01T09:00:00.123456789012345678901'],
    ['0000-01-01T00:00:00Z', '0000-01-01T00:00:00'],
    ['0099-01-01T00:00:00Z', '0099-01-01T00:00:00'],
    ['9999-12-31T23:59:59Z', '9999-12-31T23:59:59'],
    ['2026-06-01T09:00:00+23:59', '2026-05-31T09:01:00'],
  ])('%s is %s', (text, expected) => {
    expect(parseMoment(text)).toBe(expected)
  })

  test('a leap second is the second after it, wherever it is told', () => {
    expect(parseMoment('2016-12-31T23:59:60Z')).toBe('2017-01-01T00:00:00')
    expect(parseMoment('2017-01-01T05:29:60+05:30')).toBe('2017-01-01T00:00:00')
    expect(parseMoment('2016-12-31T23:59:60.5Z')).toBe('2017-01-01T00:00:00.5')
  })

  test.each([
    ['2026-06-01T12:00:60Z'],
    ['2026-06-01T23:59:60+05:30'],
    ['2026-06-01T09:00:61Z'],
    ['2026-06-01T24:00:00Z'],
    ['2026-06-01T09:60:00Z'],
    ['2026-02-29T09:00:00Z'],
    ['2026-06-01T09:00:00'],
    ['2026-06-01T09:00Z'],
    ['2026-06-01 09:00:00Z'],
    ['2026-06-01T09:00:00+0530'],
    ['2026-06-01T09:00:00+24:00'],
    ['2026-06-01T09:00:00+05:60'],
    ['2026-06-01T09:00:00.Z'],
    ['2026-06-01T09:00:00,5Z'],
    ['2026-06-01'],
    ['0000-01-01T00:00:00+00:01'],
    ['9999-12-31T23:59:59-00:01'],
    [''],
    [1_780_000_000],
    [null],
  ])('%j is none', (text) => {
    expect(parseMoment(text)).toBeNull()
  })

  test('the order of the texts is the order of time', () => {
    const ordered = ['09:00:00', '09:00:00.001', '09:00:00.01', '09:00:00.1', '09:00:00.12', '09:00:01']
    const moments = ordered.map((time) => parseMoment(`2026-06-01T${time}Z`)!)
    expect(moments.toSorted()).toEqual(moments)
  })
})

describe('the configured timezone', () => {
  test.each([
    ['Asia/Kolkata', '2026-05-31T18:29:59.999', '2026-05-31'],
    ['Asia/Kolkata', '2026-05-31T18:30:00', '2026-06-01'],
    ['America/New_York', '2026-03-08T04:59:59', '2026-03-07'],
    ['America/New_York', '2026-03-08T05:00:00', '2026-03-08'],
    ['Pacific/Kiritimati', '2026-01-01T10:00:00', '2026-01-02'],
    ['Pacific/Pago_Pago', '2026-01-01T10:59:59', '2025-12-31'],
    ['UTC', '2026-01-01T23:59:59.99999', '2026-01-01'],
  ])('in %s, %s falls on %s', (zone, moment, day) => {
    expect(calendarOf(zone).dayOf(moment as Instant)).toBe(day)
  })

  test.each([
    ['Asia/Kolkata', '2026-06-01', '2026-05-31T18:30:00.000Z'],
    ['Asia/Kathmandu', '2026-06-01', '2026-05-31T18:15:00.000Z'],
    ['Pacific/Kiritimati', '2026-06-01', '2026-05-31T10:00:00.000Z'],
    ['Pacific/Pago_Pago', '2026-06-01', '2026-06-01T11:00:00.000Z'],
    ['America/New_York', '2026-03-08', '2026-03-08T05:00:00.000Z'],
    ['America/New_York', '2026-03-09', '2026-03-09T04:00:00.000Z'],
    ['America/New_York', '2026-11-02', '2026-11-02T05:00:00.000Z'],
    ['Asia/Kolkata', '1970-01-01', '1969-12-31T18:30:00.000Z'],
  ])('in %s, %s begins at %s', (zone, day, moment) => {
    expect(new Date(calendarOf(zone).startOf(day as IsoDate)).toISOString()).toBe(moment)
  })

  test('a day whose midnight is skipped by a clock change begins with its first hour', () => {
    // Lebanon's clocks go from 23:59:59 straight to 01:00 on the last Sunday in March.
    expect(new Date(calendarOf('Asia/Beirut').startOf('2026-03-29' as IsoDate)).toISOString()).toBe(
      '2026-03-28T22:00:00.000Z',
    )
  })

  test('a day whose first hour comes twice begins with the first of them', () => {
    // Cuba's clocks go from 00:59:59 back to 00:00 on the first Sunday in November.
    expect(new Date(calendarOf('America/Havana').startOf('2026-11-01' as IsoDate)).toISOString()).toBe(
      '2026-11-01T04:00:00.000Z',
    )
  })

  test('a day that a zone left out begins with the next one', () => {
    const samoa = calendarOf('Pacific/Apia')
    expect(samoa.startOf('2011-12-30' as IsoDate)).toBe(samoa.startOf('2011-12-31' as IsoDate))
  })

  test('the far ends of the calendar are days as well', () => {
    const calendar = calendarOf('Pacific/Kiritimati')
    expect(new Date(calendar.startOf('9999-12-31' as IsoDate)).toISOString()).toBe('9999-12-30T10:00:00.000Z')
    expect(calendarOf('Asia/Kolkata').startOf('9999-12-31' as IsoDate)).toBe(Date.parse('9999-12-30T18:30:00Z'))
  })

  test('a day asked again is what it was', () => {
    const calendar = calendarOf('Asia/Kolkata')
    const day = '2026-06-01' as IsoDate
    expect(calendar.startOf(day)).toBe(calendar.startOf(day))
    for (let index = 0; index < 1100; index += 1) {
      const other = new Date(Date.parse('2020-01-01T00:00:00Z') + index * 86_400_000).toISOString().slice(0, 10)
      calendar.startOf(other as IsoDate)
    }
    expect(calendar.startOf(day)).toBe(Date.parse('2026-05-31T18:30:00Z'))
  })
})
