import { describe, expect, test } from 'vitest'
import { decide, type Finding, reasonOf } from '../../projections/decide.ts'

type Read = Extract<Finding, { kind: 'read' }>
const read = (part: Partial<Read> = {}): Read => ({
  kind: 'read',
  suspect: false,
  match: 'one',
  coherent: true,
  freshness: 'proven',
  ...part,
})

describe('a reason', () => {
  test('is none where one coherent match is proven fresh', () => {
    expect(reasonOf(read())).toBeNull()
  })

  test('is the first of several: suspect, miss, ambiguous, incoherent, stale', () => {
    const worst: Partial<Read> = { suspect: true, match: 'none', coherent: false, freshness: 'behind' }
    expect(reasonOf({ kind: 'unread' })).toBe('store_unavailable')
    expect(reasonOf(read(worst))).toBe('suspect')
    expect(reasonOf(read({ ...worst, suspect: false }))).toBe('miss')
    expect(reasonOf(read({ ...worst, suspect: false, match: 'ambiguous' }))).toBe('ambiguous')
    expect(reasonOf(read({ ...worst, suspect: false, match: 'one' }))).toBe('incoherent')
    expect(reasonOf(read({ freshness: 'behind' }))).toBe('stale')
    expect(reasonOf(read({ freshness: 'unknown' }))).toBe('stale')
  })
})

describe('what to do', () => {
  const doubtful: readonly Finding[] = [
    { kind: 'unread' },
    read({ suspect: true }),
    read({ match: 'none' }),
    read({ match: 'ambiguous' }),
    read({ coherent: false }),
    read({ freshness: 'behind' }),
    read({ freshness: 'unknown' }),
  ]

  test('is to answer, whatever ERP there is, where there is no reason not to', () => {
    for (const erp of ['configured', 'nowhere', 'unnamed', 'other_branches_only'] as const)
      for (const unscoped of [true, false]) expect(decide(read(), erp, unscoped)).toEqual({ kind: 'answer' })
  })

  test('is to ask the ERP, where there is one, for every reason', () => {
    for (const finding of doubtful)
      expect(decide(finding, 'configured', false)).toEqual({ kind: 'ask_erp', reason: reasonOf(finding) })
  })

  test('is to forbid, before any ERP is asked, what a client of several branches left open', () => {
    for (const finding of doubtful) expect(decide(finding, 'configured', true)).toEqual({ kind: 'forbid' })
  })

  test('is to say that there is no such student only with no ERP anywhere and freshness proven', () => {
    const miss = read({ match: 'none' })
    expect(decide(miss, 'nowhere', false)).toEqual({ kind: 'decide', code: 'student_not_found', reason: 'miss' })
    expect(decide({ ...miss, freshness: 'behind' }, 'nowhere', false)).toEqual({ kind: 'nobody', reason: 'miss' })
    expect(decide({ ...miss, suspect: true }, 'nowhere', false)).toMatchObject({
      code: 'data_error',
      reason: 'suspect',
    })
    expect(decide(miss, 'unnamed', false)).toMatchObject({ code: 'data_error', reason: 'miss' })
    expect(decide(miss, 'other_branches_only', false)).toMatchObject({ code: 'data_error', reason: 'miss' })
  })

  test('is never a refusal for a technical failure', () => {
    for (const erp of ['nowhere', 'unnamed', 'other_branches_only'] as const) {
      expect(decide({ kind: 'unread' }, erp, false)).toEqual({ kind: 'nobody', reason: 'store_unavailable' })
      expect(decide(read({ freshness: 'behind' }), erp, false)).toEqual({ kind: 'nobody', reason: 'stale' })
    }
  })

  test.each(['suspect', 'ambiguous', 'incoherent'] as const)(
    'is a data error where a student is %s and nobody can be asked',
    (reason) => {
      const finding = read(
        reason === 'suspect'
          ? { suspect: true }
          : reason === 'ambiguous'
            ? { match: 'ambiguous' }
            : { coherent: false },
      )
      expect(decide(finding, 'nowhere', false)).toEqual({ kind: 'decide', code: 'data_error', reason })
    },
  )
})
