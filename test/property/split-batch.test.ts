import fc from 'fast-check'
import { expect } from 'vitest'
import { splitBatch } from '../../src/ingest/split-batch.ts'
import { law } from '../support/law.ts'

const MOST = 1_000

const space = fc.constantFrom('', ' ', '\n', '\t\r\n', '  ')
const element = fc
  .tuple(space, fc.json({ maxDepth: 3 }), space)
  .map(([before, json, after]) => ({ text: `${before}${json}${after}`, value: json }))

/** A list as somebody may write it, and its elements. */
const list = fc.tuple(space, fc.array(element, { maxLength: 8 }), space).map(([before, elements, after]) => ({
  text: `${before}[${elements.map(({ text }) => text).join(',')}]${after}`,
  values: elements.map(({ value }) => value),
}))

const split = (text: string): readonly string[] | null => {
  const result = splitBatch(Buffer.from(text), MOST)
  return result.kind === 'elements' ? result.elements.map(String) : null
}

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

const isJsonList = (text: string): boolean => isJson(text) && Array.isArray(JSON.parse(text))

law(
  'a list is split into its elements, byte for byte',
  list,
  ({ text, values }) => {
    expect(split(text)).toEqual(values)
  },
  { runs: 500 },
)

/** Something taken out, put in, or put twice: mostly no list any more, and sometimes another one. */
const broken = fc
  .tuple(list, fc.nat(), fc.constantFrom('', '[', ']', '{', '}', ',', '"', '\\', ':', ' ', '1', '\\"'), fc.nat(2))
  .map(([{ text }, at, piece, cut]) => {
    const index = at % (text.length + 1)
    return text.slice(0, index) + piece + text.slice(index + cut)
  })

law(
  'what can be split into elements that are all JSON is a JSON list, and nothing else is',
  broken,
  (text) => {
    expect(split(text)?.every(isJson) ?? false).toBe(isJsonList(text))
  },
  { runs: 5_000 },
)
