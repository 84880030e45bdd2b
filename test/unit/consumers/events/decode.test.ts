import { describe, expect, test } from 'vitest'
import { decode, MAX_VALUE_BYTES } from '../../../../consumers/events/decode.ts'
import type { Decoded } from '../../../../consumers/events/decoded.ts'
import { inWords } from '../../../../consumers/events/reject-reasons.ts'
import { changed, erased } from '../../../golden/said.ts'
import { brokenOf, contentOf, detailOf, envelopeOf } from '../../../support/decoded.ts'
import { bare, binary, recordOf } from '../../../support/events.ts'

const SAID = changed('A', 100)
const HEARTBEAT = { type: 'erp.heartbeat.v1', data: undefined }

describe('a value', () => {
  test('that is null is a tombstone, whatever the headers say', () => {
    expect(decode(recordOf(null)).kind).toBe('tombstone')
    expect(decode(binary(SAID, {}, null)).kind).toBe('tombstone')
  })

  test.each<[string, Buffer | string, string]>([
    ['empty', '', 'not_json'],
    ['no JSON', '{"a":', 'not_json'],
    ['no UTF-8', Buffer.from([0x22, 0xff, 0x22]), 'not_utf8'],
    ['a list', '[]', 'not_an_object'],
    ['a text', '"event"', 'not_an_object'],
    ['null in words', 'null', 'not_an_object'],
    ['Avro in a frame', Buffer.from([0, 0, 0, 0, 7, 2, 4, 6]), 'schema_registry_payload'],
    ['an empty object', '{}', 'bad_envelope'],
    ['an object with a member twice', '{"id":"a","\\u0069d":"a"}', 'duplicate_key'],
  ])('that is %s is poison of the student that its key names', (_what, value, detail) => {
    const decoded = decode(recordOf(value))
    expect(detailOf(decoded)).toBe(`student ${detail}`)
    expect(decoded).toMatchObject({ identifier: 'S-1' })
    expect(detailOf(decode(recordOf(value, { key: null })))).toBe(`stray ${detail}`)
  })

  test('in a schema registry’s frame is read without it', () => {
    const framed = (value: Uint8Array): Buffer => Buffer.concat([Buffer.from([0, 0, 0, 1, 2]), value])
    const plain = bare(SAID)
    expect(decode({ ...plain, value: framed(plain.value!) })).toEqual(decode(plain))
    const split = binary(SAID)
    expect(decode({ ...split, value: framed(split.value!) })).toEqual(decode(split))
  })

  test('of 1 MiB is read, and of one byte more is poison', () => {
    const padded = (bytes: number): Decoded => {
      const short = bare({ ...SAID, padding: '' }).value!.length
      return decode(bare({ ...SAID, padding: 'x'.repeat(bytes - short) }))
    }
    expect(contentOf(padded(MAX_VALUE_BYTES))?.kind).toBe('event')
    expect(detailOf(padded(MAX_VALUE_BYTES + 1))).toBe('student too_large')
    expect(MAX_VALUE_BYTES).toBe(1_048_576)
  })
})

describe('the student of a bad event', () => {
  const bad = { ...SAID, time: 'yesterday' }
  test('is its identifier if that can be read, else its key', () => {
    expect(decode(bare(bad, { key: Buffer.from('S-2') }))).toMatchObject({ kind: 'student', identifier: 'S-1' })
    const unread = { ...bad, data: { student: { identifier: '' } } }
    expect(decode(bare(unread, { key: Buffer.from('S-2') }))).toMatchObject({ kind: 'student', identifier: 'S-2' })
  })

  test.each<[string, Buffer | null]>([
    ['null', null],
    ['empty', Buffer.alloc(0)],
    ['no UTF-8', Buffer.from([0xff])],
    ['a control character', Buffer.from('S\n1')],
    ['too long', Buffer.from('x'.repeat(129))],
  ])('cannot be told where the key is %s', (_what, key) => {
    expect(decode(bare({ ...bad, data: {} }, { key })).kind).toBe('stray')
  })

  test('is none where it is known to be a heartbeat', () => {
    expect(detailOf(decode(bare({ ...HEARTBEAT, data: SAID.data, source: '' })))).toBe('stray bad_envelope')
    expect(detailOf(decode(binary({ ...HEARTBEAT, time: 'now' }, {}, Buffer.from('{'))))).toBe('stray bad_envelope')
  })

  test('is a text key with a byte order mark and all', () => {
    expect(decode(recordOf('{', { key: Buffer.from('\ufeffS-1') }))).toMatchObject({ identifier: '\ufeffS-1' })
  })

  test('is never read from what the data inherits', () => {
    const value = JSON.stringify({ specversion: '1.0', data: 0 }).replace(
      '0}',
      '{"__proto__":{"student":{"identifier":"S-9"}}}}',
    )
    expect(decode(recordOf(value))).toMatchObject({ identifier: 'S-1' })
  })
})

describe('a type', () => {
  test.each([
    ['erp.student.enrolled.v2'],
    ['erp.unheard.v1'],
    ['erp.'],
    ['ERP.student.enrolled.v1'],
    [' erp.student.enrolled.v1'],
    ['"erp.student.enrolled.v1"'],
    ['pullgate.anything'],
    ['pullgate.student.resolved.v1'],
  ])('%s is poison, as nobody else’s', (type) => {
    expect(detailOf(decode(bare({ ...SAID, type })))).toBe('student unknown_type')
  })

  test.each([['com.example.bus'], ['erp'], ['erpx.y'], ['constructor']])('%s that is not ours is let pass', (type) => {
    expect(contentOf(decode(bare({ ...SAID, type })))).toMatchObject({ kind: 'event', event: { fact: null } })
    expect(decode(bare({ type, data: {} }, { key: null })).kind).toBe('foreign')
    expect(decode(bare({ type, data: {}, time: undefined })).kind).toBe('foreign')
  })

  test('that is not ours has its turn for the student of its key, where it bears a number', () => {
    expect(envelopeOf(decode(bare({ type: 'com.example.bus', data: {}, sequence: 4 })))?.sequence).toBe(4n)
  })
})

describe('a heartbeat', () => {
  test('is one in every shape, with any key, without data', () => {
    const alive = { kind: 'heartbeat', source: '/erp/main' }
    expect(decode(bare(HEARTBEAT))).toEqual(alive)
    expect(decode(binary(HEARTBEAT, { key: null }, null))).toEqual(alive)
    expect(decode(binary(HEARTBEAT, {}, Buffer.alloc(0)))).toEqual(alive)
    expect(decode(binary(HEARTBEAT, {}, Buffer.from('no json')))).toEqual(alive)
    expect(decode(bare({ ...HEARTBEAT, data: { any: 1 }, sequence: 'none of your business' }))).toEqual(alive)
  })

  test('that is not valid harms nobody', () => {
    expect(detailOf(decode(bare({ ...HEARTBEAT, time: 'now' })))).toBe('stray bad_envelope')
    expect(detailOf(decode(binary({ ...HEARTBEAT, id: '' }, {}, null)))).toBe('stray bad_envelope')
  })
})

describe('data', () => {
  test('that does not fit its type is poison, and the detail says where, not what', () => {
    const decoded = decode(bare({ ...changed('A', 'Asha Rao'), sequence: 3 }))
    expect(brokenOf(decoded)).toMatchObject({ source: '/erp/main', sequence: 3n, type: 'erp.fee.changed.v1' })
    expect(inWords(brokenOf(decoded)!)).toMatch(/^invalid_data: .*\(\/data\/amount: must be an amount/)
    expect(inWords(brokenOf(decoded)!)).not.toContain('Asha')
  })

  test.each([[undefined], [null], [[]], ['text'], [5]])('%j is none', (data) => {
    expect(detailOf(decode(bare({ ...SAID, data })))).toBe('student invalid_data')
  })

  test('may stand in base64', () => {
    const data_base64 = Buffer.from(JSON.stringify(SAID.data)).toString('base64')
    const decoded = decode(bare({ ...SAID, data: undefined, data_base64 }))
    expect(envelopeOf(decoded)?.content).toBe(envelopeOf(decode(bare(SAID)))?.content)
  })

  test('may be as deep as a megabyte allows where nobody reads it', () => {
    const deep = `${'['.repeat(500_000)}${']'.repeat(500_000)}`
    const value = bare({ ...SAID, data: { ...SAID.data, note: 0 } })
      .value!.toString()
      .replace('"note":0', `"note":${deep}`)
    const decoded = decode(recordOf(value))
    expect(contentOf(decoded)?.kind).toBe('event')
    expect(envelopeOf(decoded)?.content).not.toBe(envelopeOf(decode(bare(SAID)))?.content)
  })

  test('that cannot be read at all is compared byte by byte', () => {
    const content = (value: string) => brokenOf(decode(binary(SAID, {}, Buffer.from(value))))?.content
    expect(content('{"a"')).toBe(content('{"a"'))
    expect(content('{"a"')).not.toBe(content('{"b"'))
  })

  test('names the enrolment by texts', () => {
    const decoded = decode(bare(changed('A', 1, { identifier: 42, academic_year_start: 2026 })))
    expect(decoded).toMatchObject({ identifier: '42' })
    expect(contentOf(decoded)).toMatchObject({
      event: { fact: { data: { student: { identifier: '42', academic_year_start: '2026', grade: '5' } } } },
    })
    expect(contentOf(decode(bare(erased())))?.kind).toBe('event')
  })
})
