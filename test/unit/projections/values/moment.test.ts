import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseMoment } from '../../../../projections/values/calendar.ts'
import type { Instant } from '../../../../projections/values/ids.ts'
import { atMost, momentAt, packMoment, unpackMoment } from '../../../../projections/values/moment.ts'
import { law } from '../../../support/law.ts'

const ms = fc.integer({ min: Date.parse('0000-01-01T00:00:00Z'), max: Date.parse('9999-12-31T23:59:59Z') })
const moment = fc
  .tuple(ms, fc.constantFrom('', '.1', '.123', '.123456789'))
  .map(([at, fraction]) => `${new Date(at).toISOString().slice(0, 19)}${fraction}` as Instant)

describe('a moment', () => {
  law(
    'is unpacked as it was packed, in a third of its length',
    moment,
    (one) => {
      expect(unpackMoment(packMoment(one))).toBe(one)
    },
    { runs: 1000 },
  )

  law(
    'of a timestamp is the moment that the same time in text is',
    ms,
    (at) => {
      expect(momentAt(at)).toBe(parseMoment(new Date(at).toISOString()))
    },
    { runs: 1000 },
  )

  law(
    'counts at most as a timestamp',
    fc.tuple(moment, ms),
    ([one, at]) => {
      expect(atMost(one, at)).toBe(one < momentAt(at) ? one : momentAt(at))
    },
    { runs: 1000 },
  )

  test('of a timestamp that no year of four digits reaches is the nearest one', () => {
    expect(momentAt(-1)).toBe('1969-12-31T23:59:59.999')
    expect(momentAt(2 ** 62)).toBe('9999-12-31T23:59:59.999')
    expect(momentAt(-(2 ** 62))).toBe('0000-01-01T00:00:00')
  })

  test('within the same millisecond as the timestamp is not after it', () => {
    expect(atMost('2026-06-01T00:00:00.0005' as Instant, Date.parse('2026-06-01T00:00:00Z'))).toBe(
      '2026-06-01T00:00:00',
    )
  })

  test('is read to the thirtieth decimal, however many stand there', () => {
    expect(parseMoment(`2026-06-01T00:00:00.${'1'.repeat(100_000)}Z`)).toBe(`2026-06-01T00:00:00.${'1'.repeat(30)}`)
  })
})
