import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { PullQuery } from '../../../../projections/answers/pull-query.ts'
import { hasDuplicateKeys } from '../../../../projections/values/duplicate-keys.ts'
import { openTimeMs } from '../../../../src/erp/breaker.ts'
import { mismatch } from '../../../../src/erp/identity.ts'
import { lookupKey, requestPath } from '../../../../src/erp/query.ts'
import { maxAttempts, retryAfterMs, retryDelayMs } from '../../../../src/erp/retry.ts'

describe('Retry-After', () => {
  const now = Date.parse('2026-07-17T10:00:00Z')
  test.each([
    [{ 'retry-after': '0' }, 0],
    [{ 'retry-after': '120' }, 120_000],
    [{ 'retry-after': ['7', '9'] }, 7_000],
    [{ 'retry-after': 'Fri, 17 Jul 2026 10:00:30 GMT' }, 30_000],
    [{ 'retry-after': 'Fri, 17 Jul 2026 09:00:00 GMT' }, 0],
    [{ 'retry-after': 'Fri, 17 Jul 2026 12:00:05 GMT', date: 'Fri, 17 Jul 2026 12:00:00 GMT' }, 5_000],
    [{ 'retry-after': '99999999999999999999' }, 86_400_000],
    [{ 'retry-after': '-1' }, undefined],
    [{ 'retry-after': '1.5' }, undefined],
    [{ 'retry-after': '2026-07-17' }, undefined],
    [{ 'retry-after': 'someday GMT' }, undefined],
    [{ 'retry-after': '' }, undefined],
    [{}, undefined],
  ])('%o is %s ms', (headers, expected) => {
    expect(retryAfterMs(headers, now)).toBe(expected)
  })
})

describe('the pause before a retry', () => {
  test('it is at least what was asked, at most the backoff more, and never longer than the room', () => {
    fc.assert(
      fc.property(
        fc.nat(maxAttempts - 2),
        fc.option(fc.nat(5_000), { nil: undefined }),
        fc.integer({ min: -100, max: 6_000 }),
        fc.double({ min: 0, max: 0.999999, noNaN: true }),
        (retries, askedMs, roomMs, chance) => {
          const delayMs = retryDelayMs(retries, askedMs, roomMs, () => chance)
          const leastMs = askedMs ?? 0
          if (leastMs >= roomMs) expect(delayMs).toBeNull()
          else {
            expect(delayMs).toBeGreaterThanOrEqual(leastMs)
            expect(delayMs).toBeLessThanOrEqual(Math.min(roomMs, leastMs + 100 * 2 ** retries))
          }
        },
      ),
    )
  })

  test('the last attempt is not followed by another', () => {
    expect(retryDelayMs(maxAttempts - 1, undefined, 10_000, () => 0)).toBeNull()
  })
})

test('the open time doubles up to eightfold and a minute, with at most a quarter of jitter', () => {
  const times = [0, 1, 2, 3, 4, 50].map((reopenings) => openTimeMs(1_000, reopenings, () => 0))
  expect(times).toEqual([1_000, 2_000, 4_000, 8_000, 8_000, 8_000])
  expect(openTimeMs(10_000, 9, () => 0)).toBe(60_000)
  expect(openTimeMs(600_000, 9, () => 0)).toBe(600_000)
  expect(openTimeMs(1_000, 0, () => 0.999)).toBe(1_250)
})

describe('duplicate keys', () => {
  test('JSON that was written from a value has none', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), fc.nat(3), (value, indent) => {
        const text = JSON.stringify(value, null, indent)
        expect(hasDuplicateKeys(text, JSON.parse(text))).toBe(false)
      }),
    )
  })

  test('one more member of a name that is there is seen, wherever it is', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string(), fc.jsonValue(), fc.jsonValue(), (around, key, a, b) => {
        const name = JSON.stringify(key)
        const text = `[${JSON.stringify(around)},{${name} :${JSON.stringify(a)},"":0,${name}\n:${JSON.stringify(b)}}]`
        expect(hasDuplicateKeys(text, JSON.parse(text))).toBe(true)
      }),
    )
  })
})

describe('the identity of an answer', () => {
  const said = { identifier: 'S-1', grade: 5, collector_code: null, academic_year_start: 2026, academic_year_end: 'x' }
  const student = said as unknown as Parameters<typeof mismatch>[1]
  test.each<[PullQuery, keyof PullQuery | null]>([
    [{ identifier: 'S-1' }, null],
    [{ identifier: 's-1' }, 'identifier'],
    [{ identifier: 'S-1 ' }, 'identifier'],
    [{ custom_identifier: 'whatever' }, null],
    [{ identifier: 'S-1', grade: '5' }, null],
    [{ identifier: 'S-1', grade: '05' }, 'grade'],
    [{ collector_code: 'any' }, null],
    [{ academic_year_start: '2026' }, null],
    [{ academic_year_start: '002026' }, null],
    [{ academic_year_start: '2026.0' }, 'academic_year_start'],
    [{ academic_year_start: '20260000000000000000000' }, 'academic_year_start'],
    [{ academic_year_end: 'x' }, null],
    [{ academic_year_end: '2027' }, 'academic_year_end'],
  ])('asked %o, it differs in %s', (asked, expected) => {
    expect(mismatch(asked, student)).toBe(expected)
  })
})

describe('the lookup', () => {
  const value = fc.option(fc.string({ unit: 'binary', minLength: 1 }), { nil: undefined })
  const lookup = fc.record({ identifier: value, grade: value, custom_identifier: value, academic_year_start: value })

  test('equal keys are equal lookups', () => {
    fc.assert(
      fc.property(lookup, lookup, (a, b) => {
        const same = JSON.stringify(Object.entries(a)) === JSON.stringify(Object.entries(b))
        expect(lookupKey(a as PullQuery) === lookupKey(b as PullQuery)).toBe(same)
      }),
    )
  })

  test('a server reads back what was asked', () => {
    fc.assert(
      fc.property(lookup, (asked) => {
        const query = new URL(requestPath(new URL('http://erp/x?key=1'), asked as PullQuery), 'http://erp').searchParams
        expect(query.get('key')).toBe('1')
        for (const [name, wanted] of Object.entries(asked)) expect(query.get(name)).toBe(wanted ?? null)
      }),
    )
  })
})
