import fc from 'fast-check'
import { expect } from 'vitest'
import { canonicalJson } from '../../projections/canonical.ts'
import { law } from '../support/law.ts'

/** The same value with its keys in another order. */
const reordered = (value: unknown): unknown => {
  if (value === null || typeof value !== 'object') return value
  if (Array.isArray(value)) return value.map(reordered)
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, item]) => [key, reordered(item)]),
  )
}

law(
  'JSON of one value is one text, which reads as that value',
  fc.jsonValue(),
  (value) => {
    expect(canonicalJson(reordered(value))).toBe(canonicalJson(value))
    expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)))
  },
  { runs: 2000 },
)

law(
  'values that differ have texts that differ',
  fc.tuple(fc.jsonValue({ maxDepth: 2 }), fc.jsonValue({ maxDepth: 2 })),
  ([one, other]) => {
    const same = JSON.stringify(reordered(one)) === JSON.stringify(reordered(other))
    if (same) expect(canonicalJson(one)).toBe(canonicalJson(other))
    else if (canonicalJson(one) === canonicalJson(other))
      expect(JSON.parse(canonicalJson(one))).toEqual(JSON.parse(JSON.stringify(other)))
  },
  { runs: 2000 },
)
