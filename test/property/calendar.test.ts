import fc from 'fast-check'
import { expect } from 'vitest'
import { calendarOf, parseDate, parseMoment } from '../../projections/values/calendar.ts'
import type { IsoDate } from '../../projections/values/ids.ts'
import { law } from '../support/law.ts'

const ZONES = [
  'Asia/Kolkata',
  'America/New_York',
  'Asia/Beirut',
  'America/Havana',
  'Pacific/Kiritimati',
  'Australia/Lord_Howe',
  'UTC',
]
const calendars = new Map(ZONES.map((zone) => [zone, calendarOf(zone)]))
const moment = fc.integer({ min: Date.parse('2000-01-01T00:00:00Z'), max: Date.parse('2040-01-01T00:00:00Z') })

law(
  'a day begins at its first moment, and the moment before belongs to an earlier day',
  fc.tuple(fc.constantFrom(...ZONES), moment),
  ([zone, ms]) => {
    const calendar = calendars.get(zone)!
    const dayOf = (at: number): string => calendar.dayOf(parseMoment(new Date(at).toISOString())!)
    const day = dayOf(ms)
    const start = calendar.startOf(day as IsoDate)
    expect(start).toBeLessThanOrEqual(ms)
    expect(dayOf(start)).toBe(day)
    expect(dayOf(start - 1) < day).toBe(true)
  },
  { runs: 1500 },
)

law(
  'the day at a moment is that of the moment, whatever was asked before, also where clocks change at midnight',
  fc.tuple(
    fc.constantFrom(...ZONES, 'America/St_Johns', 'Africa/Monrovia'),
    fc.integer({ min: Date.parse('1969-01-01T00:00:00Z'), max: Date.parse('2012-01-01T00:00:00Z') }),
    fc.array(fc.integer({ min: -180_000, max: 180_000 }), { minLength: 1, maxLength: 20 }),
  ),
  ([zone, near, steps]) => {
    const calendar = calendars.get(zone) ?? calendarOf(zone)
    calendars.set(zone, calendar)
    // Near a midnight, where neighbouring minutes have different days.
    const midnight = calendar.startOf(calendar.dayAt(near))
    for (const step of steps) {
      const ms = midnight + step
      expect(calendar.dayAt(ms)).toBe(calendar.dayOf(parseMoment(new Date(ms).toISOString())!))
    }
  },
  { runs: 1500 },
)

law(
  'a moment is the same in every offset, and moments stand in order of time',
  fc.tuple(moment, moment, fc.integer({ min: -23 * 60 - 59, max: 23 * 60 + 59 })),
  ([one, other, offset]) => {
    const local = new Date(one + offset * 60_000).toISOString().slice(0, -1)
    const [hours, minutes] = [Math.floor(Math.abs(offset) / 60), Math.abs(offset) % 60]
    const sign = offset < 0 ? '-' : '+'
    const written = `${local}${sign}${String(hours).padStart(2, '0')}:${String(minutes).padStart(2, '0')}`
    const utc = (ms: number): string => parseMoment(new Date(ms).toISOString())!
    expect(parseMoment(written)).toBe(utc(one))
    expect(Math.sign(one - other)).toBe(utc(one) < utc(other) ? -1 : utc(one) > utc(other) ? 1 : 0)
  },
  { runs: 3000 },
)

law(
  'a date is one if the calendar has it',
  fc.tuple(fc.integer({ min: 1900, max: 2100 }), fc.integer({ min: 0, max: 13 }), fc.integer({ min: 0, max: 32 })),
  ([year, month, day]) => {
    const text = `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`
    const utc = new Date(Date.UTC(year, month - 1, day))
    expect(parseDate(text) !== null).toBe(utc.getUTCMonth() === month - 1 && utc.getUTCDate() === day)
  },
  { runs: 5000 },
)
