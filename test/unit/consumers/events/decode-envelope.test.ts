import { describe, expect, test } from 'vitest'
import { decode } from '../../../../consumers/events/decode.ts'
import { parseSequence } from '../../../../consumers/events/read-envelope.ts'
import { inWords } from '../../../../consumers/events/reject-reasons.ts'
import { changed } from '../../../golden/said.ts'
import { brokenOf, contentOf, detailOf, envelopeOf } from '../../../support/decoded.ts'
import { bare, binary } from '../../../support/events.ts'

const SAID = changed('A', 100)

describe('the envelope', () => {
  test.each([
    ['specversion', '0.3'],
    ['specversion', 1],
    ['specversion', null],
    ['id', ''],
    ['id', 'x'.repeat(257)],
    ['id', 5],
    ['id', undefined],
    ['source', ''],
    ['source', 'x'.repeat(257)],
    ['source', '\ud800'],
    ['source', undefined],
    ['type', ''],
    ['type', 5],
    ['type', undefined],
    ['time', '2026-06-01T09:00:00'],
    ['time', 1_780_000_000],
    ['time', undefined],
    ['sequence', 0],
    ['sequence', -1],
    ['sequence', 1.5],
    ['sequence', 2 ** 53],
    ['sequence', '0'],
    ['sequence', '1e2'],
    ['sequence', ' 1'],
    ['sequence', ''],
    ['sequence', '9223372036854775808'],
    ['sequence', true],
  ])('is broken by %s %j', (name, value) => {
    const decoded = decode(bare({ ...SAID, [name]: value }))
    expect(detailOf(decoded)).toBe('student bad_envelope')
  })

  test('names the attribute that is wrong, and never its value', () => {
    const broken = brokenOf(decode(bare({ ...SAID, time: 'Asha Rao' })))
    expect(inWords(broken!)).toBe(
      'bad_envelope: an attribute of the envelope is missing or invalid (/time: must be an RFC 3339 moment with an offset)',
    )
  })

  test('may bear anything else, and null where it may bear nothing', () => {
    expect(contentOf(decode(bare({ ...SAID, sequence: null, traceparent: null, partitionkey: 7 })))?.kind).toBe('event')
  })

  test('tells the event by source and id: the border between them counts', () => {
    const identity = (source: string, id: string) => envelopeOf(decode(bare({ ...SAID, source, id })))?.identity
    expect(identity('/a', 'b')).toBe(identity('/a', 'b'))
    expect(identity('/a', 'bc')).not.toBe(identity('/ab', 'c'))
    expect(identity('1', '1:x')).not.toBe(identity('1:1', 'x'))
  })

  test('has the same content whatever the shape of the record', () => {
    const said = { ...SAID, sequence: 7 }
    expect(envelopeOf(decode(bare(said)))?.content).toBe(envelopeOf(decode(binary(said)))?.content)
  })
})

describe('a sequence', () => {
  test.each<[unknown, bigint | null | 'unreadable']>([
    [1, 1n],
    ['1', 1n],
    ['0000000000000000000000000000000001', 1n],
    [9007199254740991, 9007199254740991n],
    ['9223372036854775807', 9223372036854775807n],
    ['0009223372036854775807', 9223372036854775807n],
    ['9223372036854775808', 'unreadable'],
    ['99999999999999999999', 'unreadable'],
    [9007199254740992, 'unreadable'],
    ['+1', 'unreadable'],
    ['1.0', 'unreadable'],
    ['١', 'unreadable'],
    ['00', 'unreadable'],
    [{}, 'unreadable'],
    [undefined, null],
    [null, null],
  ])('%j is %s', (value, expected) => {
    expect(parseSequence(value)).toBe(expected)
  })
})
