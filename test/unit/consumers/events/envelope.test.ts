import { describe, expect, test } from 'vitest'
import { decode } from '../../../../consumers/events/decode.ts'
import { headerText, readRecord } from '../../../../consumers/events/envelope.ts'
import type { Header } from '../../../../consumers/ports/log.ts'
import { reroutedCopy, reroutedMark } from '../../../../consumers/rerouting/reroute.ts'
import type { StudentId } from '../../../../projections/values/ids.ts'
import { changed } from '../../../golden/said.ts'
import { bare, binary, EVENT, recordOf, structured } from '../../../support/events.ts'

const SAID = changed('A', 1)
const ATTRIBUTES = { ...EVENT, id: 'e1', type: SAID.type, sequence: undefined, traceparent: undefined }
const text = (name: string, value: string | null): Header => [name, value === null ? null : Buffer.from(value)]

describe('the shape of a record', () => {
  test.each([
    ['bare', bare(SAID)],
    ['structured', structured(SAID)],
    ['binary', binary(SAID)],
  ])('may be %s', (_name, record) => {
    expect(readRecord(record)).toEqual({
      kind: 'raw',
      raw: { attributes: ATTRIBUTES, data: SAID.data, hasDuplicateKeys: false },
    })
  })

  test.each([
    ['application/cloudevents+json'],
    ['Application/CloudEvents+JSON ; charset=utf-8'],
    [' application/cloudevents+json'],
  ])('is structured where the content type is %j, whatever other headers there are', (type) => {
    const headers = [text('ce_id', 'other'), text('Content-Type', type)]
    expect(readRecord(bare(SAID, { headers }))).toMatchObject({ kind: 'raw', raw: { attributes: { id: 'e1' } } })
  })

  test('is not binary for headers that are no attributes of an event', () => {
    const headers = [text('ce_extension', 'x'), text('cexid', 'y'), text('traceparent', 'z'), text('ce_id', null)]
    expect(readRecord(bare(SAID, { headers }))).toMatchObject({ kind: 'raw', raw: { attributes: { id: 'e1' } } })
  })

  test('is binary where one attribute stands in a header, in any case of letters', () => {
    const record = recordOf('5', { headers: [text('CE_Id', 'x')] })
    expect(readRecord(record)).toMatchObject({
      kind: 'raw',
      raw: { attributes: { id: 'x', type: undefined }, data: 5 },
    })
  })
})

test('a header that is not UTF-8 is an invalid attribute, not another one, and not an absent one', () => {
  const record = binary({ ...SAID, sequence: '7' })
  const headers = record.headers.map(
    ([name, value]): Header => (name === 'ce_source' ? [name, Buffer.from([0xff])] : [name, value]),
  )
  const poison = decode({ ...record, headers, key: null })
  expect(poison).toMatchObject({ kind: 'student', identifier: 'S-1', source: null })
  expect(poison).toMatchObject({ content: { kind: 'broken', sequence: 7n } })
  expect(headerText([['a', Buffer.from([0xff])]], 'a')).toBeNull()
})

test('what an object inherits is no attribute', () => {
  expect(readRecord(recordOf('{"__proto__":{"id":"x"},"constructor":1}'))).toMatchObject({
    raw: { attributes: { id: undefined, source: undefined } },
  })
})

test('the attributes of a binary event are known though its data is not', () => {
  expect(readRecord(binary(SAID, {}, Buffer.from('{')))).toEqual({
    kind: 'unreadable',
    detail: 'not_json',
    attributes: ATTRIBUTES,
  })
})

describe('a rerouted record', () => {
  const TOPIC = 'erp.student-events'
  const from = (value: string) =>
    reroutedMark(recordOf('', { headers: [text('pullgate-rerouted-from', value)] }), TOPIC, 'id')

  test('says where it lay', () => {
    expect(from(`${TOPIC}/3/1234`)).toEqual({ from: { partition: 3, offset: 1234 }, named: false })
  })

  test.each([
    [`${TOPIC}.dlq/3/1`],
    ['other/3/1'],
    [`${TOPIC}/3`],
    [`${TOPIC}/3/1/2`],
    [`${TOPIC}/-3/1`],
    [`${TOPIC}/3/x`],
    [''],
    [`x/${TOPIC}/3/1`],
  ])('of %j came from nowhere', (value) => {
    expect(from(value)).toBeNull()
  })

  test('keeps value, headers and timestamp, and takes the identifier as its key', () => {
    const record = binary(SAID, { partition: 3, offset: 9, timestampMs: 77, key: null })
    const earlier = [text('pullgate-rerouted-from', `${TOPIC}/1/2`), text('pullgate-rerouted-topic', 'old')]
    const moved = { ...record, headers: [...record.headers, ...earlier] }
    expect(reroutedCopy({ topic: TOPIC, id: 'new' }, moved, 'S-1' as StudentId, 5)).toEqual({
      topic: TOPIC,
      partition: 5,
      key: Buffer.from('S-1'),
      value: record.value,
      headers: [
        ...record.headers,
        text('pullgate-rerouted-from', `${TOPIC}/3/9`),
        text('pullgate-rerouted-topic', 'new'),
      ],
      timestampMs: 77,
    })
  })
})
