import { describe, expect, test } from 'vitest'
import { canonicalBytes } from '../../../../consumers/events/canonical.ts'

const of = (text: string): string => Buffer.from(canonicalBytes(JSON.parse(text))).toString()

describe('JSON of one value is one text', () => {
  test.each([
    ['{"b":1,"a":{"d":[1,2],"c":null}}', '{ "a" : {"c":null,"d":[1,2]}, "b":1 }'],
    ['[1, 100, 0.5, -0]', '[1.0,1e2,5e-1,0]'],
    ['100.10000000000000001', '100.1'],
    ['"\\u0041\\u00e9\\n"', '"Aé\\u000a"'],
    ['{"10":1,"9":2}', '{"9":2,"10":1}'],
    ['{"a":1,"a":2}', '{"a":2}'],
    ['{"__proto__":1,"constructor":2}', '{"constructor":2,"__proto__":1}'],
  ])('%s and %s', (one, other) => {
    expect(of(one)).toBe(of(other))
    expect(JSON.parse(of(one))).toEqual(JSON.parse(other))
  })
})

describe('other values have other texts', () => {
  test.each([
    ['[1,2]', '[2,1]'],
    ['1', '"1"'],
    ['null', '{}'],
    ['{"a":null}', '{}'],
    ['[]', '{}'],
    ['[[1],2]', '[1,[2]]'],
    ['{"a":1}', '{"a":true}'],
    ['{"__proto__":1}', '{}'],
    ['"\\u00e9"', '"e\\u0301"'],
    ['"\\ud800"', '"\\ufffd"'],
    ['0.1', '0.10000000000000002'],
  ])('%s and %s', (one, other) => {
    expect(of(one)).not.toBe(of(other))
  })
})

test('however deep a value is nested, its text is that of JSON', () => {
  for (const depth of [1, 49, 50, 51, 100_000]) {
    const text = `${'[{"a":'.repeat(depth)}"é\\u2028\\ud834\\udd1e"${'}]'.repeat(depth)}`
    expect(of(text)).toBe(`${'[{"a":'.repeat(depth)}"é\u2028𝄞"${'}]'.repeat(depth)}`)
  }
})

test('a value larger than any before it is written whole', () => {
  const large = JSON.stringify({
    a: 'x'.repeat(70_000),
    b: Array.from({ length: 20_000 }, (_, at) => at),
    c: 'é'.repeat(90_000),
  })
  expect(of(large)).toBe(large)
})

test('objects of more shapes than are remembered, and of larger ones, are written as ever', () => {
  const wide = Object.fromEntries(Array.from({ length: 200 }, (_, at) => [`key${999 - at}`, at]))
  for (let shape = 0; shape < 2_000; shape += 1) {
    expect(of(`{"b${shape}":1,"a":{"d":2,"c":3}}`)).toBe(`{"a":{"c":3,"d":2},"b${shape}":1}`)
    expect(of(`{"a":1,"b${shape}":2}`)).toBe(`{"a":1,"b${shape}":2}`)
    expect(of(`{"same":1,"b${shape}":2}`)).toBe(`{"b${shape}":2,"same":1}`)
  }
  const sorted = Object.fromEntries(Object.entries(wide).sort(([a], [b]) => (a < b ? -1 : 1)))
  expect(of(JSON.stringify(wide))).toBe(JSON.stringify(sorted))
})

test('objects of many keys, and many unlike objects, have their texts whatever their order', () => {
  const keys = Array.from({ length: 100 }, (_, index) => `k${(index * 37) % 100}é`)
  const wide = (names: readonly string[]): string => `{${names.map((name) => `"${name}":[{"${name}":1}]`).join(',')}}`
  const sorted = wide(keys.toSorted())
  expect(of(wide(keys))).toBe(sorted)
  expect(of(wide(keys.toReversed()))).toBe(sorted)
})
