import { describe, expect, test } from 'vitest'
import { decode } from '../../../../consumers/events/decode.ts'
import { validateRecord } from '../../../../consumers/events/validate.ts'
import { MAX_PROBLEMS } from '../../../../projections/events/list.ts'
import { as, replacing, snapshot } from '../../../golden/said.ts'
import { bare, recordOf } from '../../../support/events.ts'
import { hostileMebibytes } from '../../../support/hostile-mebibytes.ts'

describe('an event of 1 MiB', () => {
  test.each(hostileMebibytes())('$name is decoded as $expected, and told of in at most 100 problems', (hostile) => {
    const record = recordOf(hostile.value)
    expect(hostile.value.length).toBeGreaterThan(1024 * 1000)
    expect(hostile.value.length).toBeLessThanOrEqual(1024 * 1024)
    const decoded = decode(record)
    expect(decoded.kind).toBe('student')
    const isPoison = decoded.kind === 'student' && decoded.content.kind === 'broken'
    expect(isPoison).toBe(hostile.expected === 'poison')
    const inspected = validateRecord(record)
    expect(inspected.kind).toBe(isPoison ? 'invalid' : 'valid')
    if (inspected.kind === 'invalid') {
      expect(inspected.problems.length).toBeGreaterThan(0)
      expect(inspected.problems.length).toBeLessThanOrEqual(MAX_PROBLEMS)
    }
  })

  test('of empty enrolments is told of by its first problem', () => {
    const { value } = hostileMebibytes()[0]!
    expect(decode(recordOf(value))).toMatchObject({
      content: { detail: 'invalid_data', where: expect.stringMatching(/^\/data\/enrolments\/0\/grade: /) },
    })
  })
})

describe('a snapshot that replaces its own source', () => {
  const own = as(replacing(['/erp/old', '/erp/main']), { source: '/erp/main' })

  test('is poison', () => {
    expect(decode(bare(own))).toMatchObject({
      content: {
        kind: 'broken',
        detail: 'invalid_data',
        where: '/data/replaces/1: must be another source than its own',
      },
    })
  })

  test('is refused before it is written', () => {
    expect(validateRecord(bare(own))).toEqual({
      kind: 'invalid',
      problems: [{ pointer: '/data/replaces/1', message: 'must be another source than its own' }],
    })
  })

  test('is good from another source, as is one that replaces none', () => {
    expect(validateRecord(bare(as(own, { source: '/erp/new' }))).kind).toBe('valid')
    expect(validateRecord(bare(snapshot())).kind).toBe('valid')
  })
})

describe('a control character', () => {
  const feeOf = (student: object, component_type: string) =>
    bare({
      type: 'erp.fee.changed.v1',
      data: {
        student: { identifier: 'S-1', grade: '5', academic_year_start: '2026', ...student },
        component_type,
        amount: 1,
      },
    })

  test.each(['\0', '\n', '\u007f', '\u0085'])('%j is poison in an identifier alone', (control) => {
    expect(decode(feeOf({ identifier: `S${control}1` }, 'A'))).toMatchObject({ content: { detail: 'invalid_data' } })
    expect(decode(feeOf({ grade: `5${control}` }, `A${control}`))).toMatchObject({ content: { kind: 'event' } })
    expect(
      decode(bare({ type: 'erp.student.erased.v1', id: `e${control}`, data: { student: { identifier: 'S-1' } } })),
    ).toMatchObject({ content: { kind: 'event' } })
  })
})
