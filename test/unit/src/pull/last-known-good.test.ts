import { describe, expect, test } from 'vitest'
import type { PartitionView } from '../../../../consumers/ports/store.ts'
import type { EnrolmentView } from '../../../../projections/answers/view.ts'
import type { StudentId } from '../../../../projections/values/ids.ts'
import { type KnownAnswer, lastKnownGood } from '../../../../src/pull/last-known-good.ts'
import type { EnrolmentMatch } from '../../../../src/pull/match-enrolment.ts'
import type { StudentMark } from '../../../../src/pull/student-mark.ts'
import { ENROLMENT } from '../../../support/scripted-projection.ts'

const said = (text: string, saidAtMs: number): KnownAnswer => ({ status: 200, body: Buffer.from(text), saidAtMs })
const textOf = (answer: KnownAnswer | null): string | null => answer && Buffer.from(answer.body).toString()

const view = (next: number): PartitionView => ({
  generation: 1,
  partition: 3,
  checkpoint: { next, metadata: '' },
  lease: null,
})

const foundAt = (next: number, part: Partial<EnrolmentMatch> = {}): EnrolmentMatch => {
  const phase = { ...ENROLMENT.now, body: Buffer.from('projected') }
  const enrolment: EnrolmentView<Buffer> = { ...ENROLMENT, now: phase, later: null }
  return {
    match: { kind: 'one', id: 'S-1' as StudentId, enrolment, phase },
    suspect: false,
    isSuspectOutOfScope: false,
    version: null,
    sources: [],
    partitions: [view(next)],
    students: [],
    ...part,
  }
}

const MARK: StudentMark = { id: 'S-1' as StudentId, partition: 3, last: { partition: 3, offset: 4 }, next: 5 }
const after = (offset: number): StudentMark => ({ ...MARK, last: { partition: 3, offset }, next: offset + 1 })

describe('the ERP’s answer', () => {
  const lookup = { identifier: 'S-1' }
  const open = (mark: StudentMark | null = MARK) => {
    const known = lastKnownGood(500, 1e6)
    known.seen([view(5)])
    known.remember(lookup, said('erp', 1_000), mark)
    const recalled = (now: StudentMark | null) =>
      textOf(known.recall(lookup, now && foundAt(now.next, { match: { kind: 'none' } }), now, Infinity, 1_000))
    return { known, recalled }
  }

  test('is void once an event of its student was applied, and stays so', () => {
    const { recalled } = open()
    expect(recalled(MARK)).toBe('erp')
    expect(recalled({ ...MARK, next: 9 })).toBe('erp')
    expect(recalled(after(9))).toBeNull()
    expect(recalled(MARK)).toBeNull()
  })

  test('is void once its student, of whom nothing was known, is in the projection', () => {
    const { recalled } = open({ ...MARK, last: null })
    expect(recalled({ ...MARK, last: null, next: 8 })).toBe('erp')
    expect(recalled(after(8))).toBeNull()
  })

  test('is void without a look at the projection where its partition was seen to have moved on', () => {
    const { known, recalled } = open()
    expect(recalled(null)).toBe('erp')
    known.seen([{ ...view(9), partition: 2 }])
    expect(recalled(null)).toBe('erp')
    expect(recalled({ ...MARK, next: 9 })).toBe('erp')
    known.seen([view(9)])
    expect(recalled(null)).toBe('erp')
    known.seen([view(10)])
    expect(recalled(null)).toBeNull()
  })

  test('that came while the projection could not be read is void once it can be', () => {
    const { known, recalled } = open(null)
    expect(recalled(null)).toBe('erp')
    known.seen([])
    expect(recalled(null)).toBeNull()
  })

  test('tells whom it is about, and is forgotten when it is too old', () => {
    const { known } = open()
    expect(known.studentOf(lookup)).toBe('S-1')
    known.forgetOld(1_500)
    expect(known.studentOf(lookup)).toBe('S-1')
    known.forgetOld(1_501)
    expect(known.studentOf(lookup)).toBeNull()
  })
})

test('nothing is known where nothing may be', () => {
  const known = lastKnownGood(0, 1e6)
  known.remember({ identifier: 'S-1' }, said('erp', 1_000), MARK)
  known.proven([view(5)], 1_000)
  expect(known.recall({ identifier: 'S-1' }, foundAt(5), MARK, Infinity, 1_000)).toBeNull()
})

test('the ERP’s last answer is known by its lookup, in whatever order that is written, until it is too old', () => {
  const known = lastKnownGood(500, 1e6)
  known.remember({ identifier: 'S-1', grade: '5' }, said('old', 900), MARK)
  known.remember({ identifier: 'S-1', grade: '5' }, said('erp', 1_000), MARK)
  expect(textOf(known.recall({ grade: '5', identifier: 'S-1' }, null, null, Infinity, 1_500))).toBe('erp')
  expect(known.recall({ grade: '5', identifier: 'S-1' }, null, null, Infinity, 1_501)).toBeNull()
  expect(known.recall({ identifier: 'S-1' }, null, null, Infinity, 1_000)).toBeNull()
})

test('the youngest of the ERP’s and the projection’s answer is known, the latter by its last proof', () => {
  const known = lastKnownGood(500, 1e6)
  expect(known.recall({ identifier: 'S-1' }, foundAt(5), MARK, Infinity, 1_000)).toBeNull()
  known.proven([view(5)], 1_000)
  expect(known.recall({ identifier: 'S-1' }, foundAt(5), MARK, Infinity, 1_500)).toMatchObject({
    status: 200,
    saidAtMs: 1_000,
  })
  expect(known.recall({ identifier: 'S-1' }, foundAt(5), MARK, Infinity, 1_501)).toBeNull()
  known.remember({ identifier: 'S-1' }, said('erp', 1_100), MARK)
  expect(textOf(known.recall({ identifier: 'S-1' }, foundAt(5), MARK, Infinity, 1_200))).toBe('erp')
  known.proven([view(6)], 1_150)
  expect(textOf(known.recall({ identifier: 'S-1' }, foundAt(6), MARK, Infinity, 1_200))).toBe('projected')
})

test('the projection’s answer is no younger than the last word of a publisher that is listened for', () => {
  const known = lastKnownGood(500, 1e6)
  known.proven([view(5)], 1_000)
  known.remember({ identifier: 'S-1' }, said('erp', 700), MARK)
  const lookup = { identifier: 'S-1' }
  expect(known.recall(lookup, foundAt(5), MARK, 800, 1_000)).toMatchObject({ saidAtMs: 800 })
  expect(textOf(known.recall(lookup, foundAt(5), MARK, 600, 1_000))).toBe('erp')
  expect(textOf(known.recall(lookup, foundAt(5), MARK, Number.NEGATIVE_INFINITY, 1_000))).toBe('erp')
})

test('a projection that is suspect, incoherent or no match is not known', () => {
  const known = lastKnownGood(500, 1e6)
  known.proven([view(5)], 1_000)
  const { match } = foundAt(5)
  if (match.kind !== 'one') throw new Error('no match')
  const incoherent = { ...match, phase: { ...match.phase, body: null } }
  for (const part of [{ suspect: true }, { match: { kind: 'none' } as const }, { match: incoherent }])
    expect(known.recall({ identifier: 'S-1' }, foundAt(5, part), MARK, Infinity, 1_000)).toBeNull()
})

test('a store that has lost what it held at its last proof is not known', () => {
  const known = lastKnownGood(500, 1e6)
  known.proven([view(5)], 1_000)
  expect(known.recall({ identifier: 'S-1' }, foundAt(4), MARK, Infinity, 1_000)).toBeNull()
})

test('what is known is bounded in bytes: the least recently used answer goes first', () => {
  const known = lastKnownGood(500, 20_000)
  const body = 'x'.repeat(4_000)
  for (const id of ['a', 'b', 'c', 'd']) known.remember({ identifier: id }, said(body, 1_000), MARK)
  expect(known.recall({ identifier: 'a' }, null, null, Infinity, 1_000)).not.toBeNull()
  known.remember({ identifier: 'e' }, said(body, 1_000), MARK)
  expect(known.recall({ identifier: 'b' }, null, null, Infinity, 1_000)).toBeNull()
  for (const id of ['a', 'c', 'd', 'e'])
    expect(known.recall({ identifier: id }, null, null, Infinity, 1_000)).not.toBeNull()
  known.remember({ identifier: 'huge' }, said('x'.repeat(30_000), 1_000), MARK)
  expect(known.recall({ identifier: 'huge' }, null, null, Infinity, 1_000)).toBeNull()
})
