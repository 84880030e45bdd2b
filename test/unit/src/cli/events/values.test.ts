import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Line } from '../../../../../src/cli/events/lines.ts'
import { readValues } from '../../../../../src/cli/events/values.ts'

const linesOf = async function* (text: string): AsyncGenerator<Line> {
  for (const [index, line] of text.split('\n').entries())
    if (line.trim() !== '') yield { file: 'f', number: index + 1, bytes: Buffer.from(line) }
}

/** Each value as its first line and its JSON, or its text where it is no JSON. */
const read = async (text: string): Promise<[number, unknown][]> => {
  const values: [number, unknown][] = []
  for await (const { number, bytes } of readValues(linesOf(text))) values.push([number, parsed(String(bytes))])
  return values
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return `no JSON: ${text.trim()}`
  }
}

const object = fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 4 })
const objects = fc.array(object, { maxLength: 5 })

test('a value per line, pretty values one after the other, and arrays of either say the same', async () => {
  await fc.assert(
    fc.asyncProperty(objects, fc.constantFrom(0, 2, '\t'), async (values, indent) => {
      const only = async (text: string) => (await read(text)).map(([, value]) => value)
      const same = values.map((value) => JSON.parse(JSON.stringify(value)))
      expect(await only(values.map((value) => JSON.stringify(value)).join('\n'))).toEqual(same)
      expect(await only(values.map((value) => JSON.stringify(value, null, indent)).join('\n'))).toEqual(same)
      expect(await only(JSON.stringify(values, null, indent))).toEqual(same)
      expect(await only(`[${values.map((value) => JSON.stringify(value)).join(',\n')}]`)).toEqual(same)
    }),
  )
})

test('a value bears the number of its first line', async () => {
  expect(await read('\n{\n  "a": 1\n}\n\n{"b":\n 2}')).toEqual([
    [2, { a: 1 }],
    [6, { b: 2 }],
  ])
  expect(await read('[\n  {"a":1},\n  {\n"b":2}\n]')).toEqual([
    [2, { a: 1 }],
    [3, { b: 2 }],
  ])
})

test('what is no object is a value of its own too, so that reading it as an event can name it', async () => {
  expect(await read('[1, "a,b", null, [2]]')).toEqual([
    [1, 1],
    [1, 'a,b'],
    [1, null],
    [1, [2]],
  ])
})

test('brackets and quotes in strings end no value', async () => {
  expect(await read('{\n"a": "}] \\" {",\n"b\\\\": 1}')).toEqual([[1, { a: '}] " {', 'b\\': 1 }]])
})

test('among values of one line each, a broken line takes in no object that begins a later line', async () => {
  expect(await read('{"a":1}\n{"b":\nplain\n{"c":3}')).toEqual([
    [1, { a: 1 }],
    [2, 'no JSON: {"b":\nplain'],
    [4, { c: 3 }],
  ])
})

test('what is never ended is told at its first line, and ends where the next object begins a line', async () => {
  expect(await read('{"a":1,\n{"b":2}\n{"c":3}')).toEqual([
    [1, 'no JSON: {"a":1,'],
    [2, { b: 2 }],
    [3, { c: 3 }],
  ])
  expect(await read('{"a":1,\n  "b":2')).toEqual([[1, 'no JSON: {"a":1,\n  "b":2']])
  expect(await read('[{"a":1},\n')).toEqual([
    [1, { a: 1 }],
    [1, 'no JSON: ['],
  ])
})

test('a value longer than 8 MiB is told as too long, and the next one is read', async () => {
  const long = 'x'.repeat(3 * 1024 * 1024)
  const lines = async function* (): AsyncGenerator<Line> {
    yield* linesOf(`{\n"a": "${long}",\n"b": "${long}",\n"c": "${long}"\n}\n{"d":1}`)
  }
  const values: [number, number | null][] = []
  for await (const { number, bytes } of readValues(lines())) values.push([number, bytes?.length ?? null])
  expect(values).toEqual([
    [1, null],
    [6, 7],
  ])
})
