import { describe, expect, test } from 'vitest'
import { type EnrolmentFilter, findMatch, type Scope } from '../../../../projections/answers/lookup.ts'
import { ALWAYS_VALID, type EnrolmentView, type Phase } from '../../../../projections/answers/view.ts'
import type { StudentId } from '../../../../projections/values/ids.ts'
import { compareYears } from '../../../../projections/values/years.ts'

type View = EnrolmentView<string>
const ACTIVE: Phase<string> = { status: 'active', leftAt: null, leftOrder: 0, body: 'active', wants: null }
const left = (on: string, order = 0): Phase<string> => ({
  status: 'discontinued',
  leftAt: `${on}T00:00:00` as Phase['leftAt'],
  leftOrder: order,
  body: `left ${on} ${order}`,
  wants: null,
})
const enrolment = (part: Partial<View> = {}): View => ({
  grade: '5',
  yearStart: '2026',
  yearEnd: '2027',
  collectorCode: 'BLR-01',
  customIdentifier: null,
  now: ACTIVE,
  valid: ALWAYS_VALID,
  later: null,
  ...part,
})
const find = (enrolments: readonly View[], filter: EnrolmentFilter = {}, scope: Scope = 'all', nowMs = 0) => {
  const match = findMatch([{ id: 'S-1' as StudentId, enrolments }], filter, scope, nowMs)
  return match.kind === 'one' ? enrolments.indexOf(match.enrolment) : match.kind
}

describe('every given value must equal the enrolment’s', () => {
  const one = [enrolment({ customIdentifier: 'C' })]
  test.each<[EnrolmentFilter, number | string]>([
    [{}, 0],
    [{ grade: '5', collector_code: 'BLR-01', custom_identifier: 'C' }, 0],
    [{ academic_year_start: '2026', academic_year_end: '2027' }, 0],
    [{ academic_year_start: '02026' }, 0],
    [{ academic_year_start: '2026.0' }, 'none'],
    [{ academic_year_start: '2025' }, 'none'],
    [{ academic_year_end: '2026' }, 'none'],
    [{ grade: '05' }, 'none'],
    [{ collector_code: 'BLR-02' }, 'none'],
    [{ custom_identifier: 'c' }, 'none'],
  ])('%j', (filter, expected) => {
    expect(find(one, filter)).toBe(expected)
  })

  test('an enrolment without a branch or a custom identifier is not found by one', () => {
    const bare = [enrolment({ collectorCode: null })]
    expect(find(bare, { collector_code: 'BLR-01' })).toBe('none')
    expect(find(bare, { custom_identifier: 'C' })).toBe('none')
    expect(find(bare)).toBe(0)
  })
})

describe('of several matches', () => {
  test('active ones win over left ones, of whatever year', () => {
    expect(find([enrolment({ yearStart: '2027', now: left('2026-06-01') }), enrolment({ yearStart: '2025' })])).toBe(1)
  })

  test('the latest year wins, as a number', () => {
    expect(
      find([enrolment({ yearStart: '0999' }), enrolment({ yearStart: '10000' }), enrolment({ yearStart: '2026' })]),
    ).toBe(1)
  })

  test('among left ones of that year the one that left last wins, by day and then by order', () => {
    const gone = (yearStart: string, on: string, order: number): View => enrolment({ yearStart, now: left(on, order) })
    expect(find([gone('2026', '2026-05-01', 9), gone('2026', '2026-06-01', 1), gone('2025', '2026-07-01', 10)])).toBe(1)
    expect(find([gone('2026', '2026-06-01', 2), gone('2026', '2026-06-01', 1)])).toBe(0)
    expect(find([gone('2026', '2026-06-01', 1), gone('02026', '2026-06-01', 2)])).toBe(1)
  })

  test('several active ones of that year are ambiguous; earlier ones do not matter', () => {
    expect(find([enrolment(), enrolment({ grade: '6' })])).toBe('ambiguous')
    expect(find([enrolment(), enrolment({ grade: '6' })], { grade: '6' })).toBe(1)
    expect(find([enrolment(), enrolment({ grade: '6' }), enrolment({ yearStart: '2027' })])).toBe(2)
  })

  test('those of several students are ambiguous, left ones as well', () => {
    const candidates = (now: Phase<string>) => [
      { id: 'S-1' as StudentId, enrolments: [enrolment({ customIdentifier: 'C' })] },
      { id: 'S-2' as StudentId, enrolments: [enrolment({ customIdentifier: 'C', now })] },
    ]
    expect(findMatch(candidates(ACTIVE), { custom_identifier: 'C' }, 'all', 0).kind).toBe('ambiguous')
    expect(findMatch(candidates(left('2020-01-01')), { custom_identifier: 'C' }, 'all', 0).kind).toBe('ambiguous')
    expect(findMatch([], {}, 'all', 0).kind).toBe('none')
  })
})

describe('a client limited to branches', () => {
  test('sees the enrolments of its branches alone', () => {
    const two = [enrolment(), enrolment({ collectorCode: 'BLR-02' })]
    expect(find(two, {}, new Set(['BLR-02']))).toBe(1)
    expect(find(two, {}, new Set(['BLR-03']))).toBe('none')
    expect(find(two, {}, new Set(['BLR-01', 'BLR-02']))).toBe('ambiguous')
  })

  test('sees none without a branch', () => {
    expect(find([enrolment({ collectorCode: null })], {}, new Set(['BLR-01']))).toBe('none')
  })
})

test('an announced leaving counts from its moment on', () => {
  const both = [enrolment({ later: { fromMs: 1000, phase: left('2026-06-01') } }), enrolment({ yearStart: '2025' })]
  expect(find(both, {}, 'all', 999)).toBe(0)
  expect(find(both, {}, 'all', 1000)).toBe(1)
})

describe('years compare', () => {
  test.each([
    ['2026', '2026', 0],
    ['02026', '2026', 0],
    ['999', '1000', -1],
    ['9007199254740993', '9007199254740992', 1],
    ['2026-27', '2027-28', -1],
    ['b', 'a', 1],
    ['-5', '5', -1],
  ])('%s with %s', (a, b, expected) => {
    expect(compareYears(a, b)).toBe(expected)
    expect(compareYears(b, a)).toBe(0 - expected)
  })
})
