import { describe, expect, test } from 'vitest'
import { decodeRecord, encodeRecord, sameRecord, stateOf } from '../../../../consumers/stored/record.ts'
import type { StudentAnswers } from '../../../../projections/answers/view.ts'
import { assessed, changed, discontinued, enrolled, transferred } from '../../../golden/said.ts'
import { tell } from '../../../support/tell.ts'

const WHOLE: StudentAnswers = {
  suspect: true,
  last: { partition: 15, offset: 9_007_199_254_740_991 },
  sources: ['/erp/main', '𝒜'.repeat(256)],
  enrolments: [
    {
      grade: '𝒜'.repeat(128),
      yearStart: '2026',
      yearEnd: '2027',
      collectorCode: null,
      customIdentifier: null,
      now: { status: 'active', leftAt: null, leftOrder: 0, body: '{"fullname":"é𝒜"}', wants: null },
      valid: { fromMs: -1e12, untilMs: 1.9e12 },
      later: {
        fromMs: -1.5e14,
        phase: {
          status: 'discontinued',
          leftAt: '2026-05-31T18:30:00' as never,
          leftOrder: 4_294_967_295,
          body: 'b',
          wants: null,
        },
      },
    },
    {
      grade: '5',
      yearStart: '2026',
      yearEnd: '2027',
      collectorCode: 'BLR-01',
      customIdentifier: 'C',
      now: { status: 'active', leftAt: null, leftOrder: 0, body: null, wants: 'rendered' },
      valid: { fromMs: 0, untilMs: 1 },
      later: null,
    },
  ],
}

const asText = (answers: StudentAnswers<Buffer>): StudentAnswers =>
  JSON.parse(
    JSON.stringify(answers, (key, value: unknown) =>
      key === 'body' && value ? Buffer.from((value as { data: number[] }).data).toString() : value,
    ),
  )

describe('a record', () => {
  test('is read as what was written: the index, the answers, and the state behind them', () => {
    const bytes = encodeRecord(WHOLE, 'state é\n~x')
    expect(asText(decodeRecord(bytes))).toEqual(WHOLE)
    expect(stateOf(bytes)).toBe('state é\n~x')
  })

  test('of a student without enrolments, sources or events is one as well', () => {
    const empty: StudentAnswers = { suspect: false, last: null, sources: [], enrolments: [] }
    expect(decodeRecord(encodeRecord(empty, ''))).toEqual(empty)
  })

  test('is read where it lies within other bytes', () => {
    const bytes = encodeRecord(WHOLE, 'state')
    const around = new Uint8Array(Buffer.concat([Buffer.from('xxx'), bytes, Buffer.alloc(0)])).subarray(3)
    expect(asText(decodeRecord(around))).toEqual(WHOLE)
    expect(stateOf(around)).toBe('state')
  })

  test('hands out its answers as slices of its own bytes', () => {
    const bytes = encodeRecord(WHOLE, 'state')
    expect(decodeRecord(bytes).enrolments[0]!.now.body!.buffer).toBe(bytes.buffer)
  })

  test('of another format is refused', () => {
    const bytes = encodeRecord(WHOLE, 'state')
    bytes[0] = 9
    expect(() => decodeRecord(bytes)).toThrow(RangeError)
  })
})

test('a student’s record bears the publishers, the last event that applied, and every enrolment', () => {
  const told = tell(
    enrolled({ custom_identifier: 'C' }),
    { ...assessed([['A', 1]]), source: '/erp/b' },
    transferred({ grade: '6' }),
    changed('A', -1),
  )
  expect(told.answers).toMatchObject({
    suspect: true,
    last: { partition: 0, offset: 2 },
    sources: ['/erp/main', '/erp/b'],
    enrolments: [
      { grade: '5', now: { status: 'transferred' } },
      { grade: '6', customIdentifier: 'C', now: { status: 'active' } },
    ],
  })
})

test('the last event in an answer is the one that let held ones in', () => {
  const told = tell(
    enrolled(),
    discontinued(),
    { ...changed('A', 1, { grade: '6' }) },
    enrolled({}, { grade: '6' }),
    enrolled({}, { grade: '6' }),
  )
  expect(told.answers.last).toEqual({ partition: 0, offset: 4 })
})

test('a record and bytes that are shorter than any record are not the same', () => {
  expect(sameRecord(Buffer.from('something else'), Buffer.alloc(64))).toBe(false)
})
