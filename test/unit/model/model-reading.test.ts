import { describe, expect, test } from 'vitest'
import { changed, enrolled } from '../../golden/said.ts'
import { families, outcomes, worldOf } from '../../model/told.ts'

const of = (type: string) => ({ ...changed('A', 1), type })

describe('types', () => {
  test.for([
    ['ERP.fee.changed.v1', 'unknown_type'],
    [' erp.fee.changed.v1', 'unknown_type'],
    ['"erp.fee.changed.v1"', 'unknown_type'],
    ["' erp.fee.changed.v1 '", 'unknown_type'],
    ['Pullgate.x', 'unknown_type'],
    ['erp.fee.changed.v2', 'unknown_type'],
    ['', 'envelope'],
    ['x'.repeat(257), 'envelope'],
  ] as const)('%j is poison', ([type, family]) => {
    expect(families(worldOf(enrolled(), of(type)))).toEqual([family])
  })

  test.for(['com.example.tick', 'erpx.fee', '""erp.fee.changed.v1""', '"erp.fee.changed.v1', 'x'.repeat(256)])(
    '%j is foreign',
    (type) => {
      expect(outcomes(worldOf(enrolled(), of(type)))).toEqual(['applied', 'ignored'])
    },
  )
})

describe('two members of one name', () => {
  const text = JSON.stringify({
    specversion: '1.0',
    id: 'e',
    source: '/a',
    time: '2026-06-01T10:00:00Z',
    ...changed('A', 1),
  })
  const withMember = (place: string, member: string) => Buffer.from(text.replace(place, `${place}${member},`))

  test.for([
    ['in the envelope', withMember('{', '"id":"f"')],
    ['in the data', withMember('"data":{', '"amount":2')],
    ['in the student', withMember('"student":{', '"grade":"5"')],
    ['under an escape', withMember('"data":{', '"\\u0061mount":1')],
    ['in a field that nobody knows', withMember('"data":{', '"note":[{"a":1,"a":1}]')],
  ] as const)('%s are poison', ([, bytes]) => {
    expect(families(worldOf(enrolled(), bytes))).toEqual(['duplicate_key'])
  })

  test('in two objects are none', () => {
    const bytes = withMember('"data":{', '"note":[{"a":1,"b":{"a":1}},{"a":"\\"a\\":"}]')
    expect(outcomes(worldOf(enrolled(), bytes))).toEqual(['applied', 'applied'])
  })

  test('make a foreign event poison too', () => {
    const bytes = Buffer.from(text.replace('erp.fee.changed.v1', 'com.example.tick').replace('{', '{"id":"f",'))
    expect(families(worldOf(enrolled(), bytes))).toEqual(['duplicate_key'])
  })
})
