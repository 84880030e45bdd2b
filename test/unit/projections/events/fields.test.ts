import { describe, expect, test } from 'vitest'
import type { z } from 'zod'
import {
  code,
  date,
  isAttribute,
  optional,
  parseCode,
  parseStudentId,
  text,
} from '../../../../projections/events/fields.ts'

const reads = (type: z.ZodType, value: unknown): unknown => {
  const parsed = type.safeParse(value)
  return parsed.success ? parsed.data : 'refused'
}

/** One code point, two UTF-16 units, four bytes. */
const ASTRAL = '𝒜'

describe('an identifier', () => {
  test.each([
    ['__proto__'],
    ['constructor'],
    ['007'],
    [' S 1 '],
    ['०१'],
    ['a'.repeat(128)],
    [ASTRAL.repeat(128)],
    ['\u00ad\u200b\u2028'],
    ['null'],
  ])('%j is kept byte for byte', (value) => {
    expect(parseStudentId(value)).toBe(value)
  })

  test.each([
    [0, '0'],
    [-0, '0'],
    [2026, '2026'],
    [-7, '-7'],
    [Number.MAX_SAFE_INTEGER, '9007199254740991'],
    [Number.MIN_SAFE_INTEGER, '-9007199254740991'],
    [1e3, '1000'],
  ])('the integer %d becomes its decimal text', (value, expected) => {
    expect(parseStudentId(value)).toBe(expected)
    expect(reads(code, value)).toBe(expected)
  })

  test.each([
    [''],
    ['a'.repeat(129)],
    [ASTRAL.repeat(129)],
    ['\ud800'],
    ['a\udc00'],
    ['\ud800\ud800'],
    ['a\u0000'],
    ['a\n'],
    ['\t'],
    ['\u007f'],
    ['\u0085'],
    [1.5],
    [2 ** 53],
    [-(2 ** 53)],
    [Number.NaN],
    [null],
    [true],
    [['S-1']],
    [{}],
  ])('%j is none', (value) => {
    expect(parseStudentId(value)).toBeNull()
  })

  test('precomposed and decomposed letters are two students', () => {
    expect(parseStudentId('\u00e9')).not.toBe(parseStudentId('e\u0301'))
  })
})

describe('ids, codes, years and phone numbers', () => {
  test.each([['a\n\u0001b'], ['x'], ['a'.repeat(128)], [ASTRAL.repeat(128)]])('%j is one', (value) => {
    expect(parseCode(value)).toBe(value)
    expect(reads(code, value)).toBe(value)
  })

  test.each([[''], ['a'.repeat(129)], [ASTRAL.repeat(129)], ['\udfff'], [0.5], [2 ** 53], [true], [null], [[]]])(
    '%j is none',
    (value) => {
      expect(reads(code, value)).toBe('refused')
    },
  )
})

describe('other texts of the profile', () => {
  test.each([[''], ['a'.repeat(512)], [ASTRAL.repeat(512)]])('%j fits', (value) => {
    expect(reads(text, value)).toBe(value)
  })

  test.each([['a'.repeat(513)], [ASTRAL.repeat(513)], ['\ud800'], [5], [null]])('%j does not', (value) => {
    expect(reads(text, value)).toBe('refused')
  })
})

describe('the id and the source of an event', () => {
  test.each([['a'], ['a'.repeat(256)], [ASTRAL.repeat(256)]])('%j is one', (value) => {
    expect(isAttribute(value)).toBe(true)
  })

  test.each([[''], ['a'.repeat(257)], [ASTRAL.repeat(257)], ['\ud800'], [1], [null], [undefined]])(
    '%j is none',
    (value) => {
      expect(isAttribute(value)).toBe(false)
    },
  )
})

test('null is the same as absent where a field may be left out', () => {
  expect([null, undefined, '2026-01-31', '2026-02-31'].map((value) => reads(optional(date), value))).toEqual([
    undefined,
    undefined,
    '2026-01-31',
    'refused',
  ])
})
