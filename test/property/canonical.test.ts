import fc from 'fast-check'
import { expect } from 'vitest'
import { canonicalBytes } from '../../consumers/events/canonical.ts'
import { law } from '../support/law.ts'

const text = (value: unknown): string => Buffer.from(canonicalBytes(value)).toString()

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
    expect(text(reordered(value))).toBe(text(value))
    expect(JSON.parse(text(value))).toEqual(JSON.parse(JSON.stringify(value)))
  },
  { runs: 2000 },
)

law(
  'values that differ have texts that differ',
  fc.tuple(fc.jsonValue({ maxDepth: 2 }), fc.jsonValue({ maxDepth: 2 })),
  ([one, other]) => {
    const same = JSON.stringify(reordered(one)) === JSON.stringify(reordered(other))
    if (same) expect(text(one)).toBe(text(other))
    else if (text(one) === text(other)) expect(JSON.parse(text(one))).toEqual(JSON.parse(JSON.stringify(other)))
  },
  { runs: 2000 },
)
