import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { type Decision, decide, type ProjectionFinding, reasonOf, type Situation } from '../../../../src/pull/decide.ts'

type Read = Extract<ProjectionFinding, { kind: 'read' }>
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

const each = <const T>(...values: readonly T[]): readonly T[] => values

const findings: readonly ProjectionFinding[] = [
  { kind: 'unread' },
  ...each(true, false).flatMap((suspect) =>
    each('one', 'none', 'ambiguous').flatMap((match) =>
      each(true, false).flatMap((coherent) =>
        each('proven', 'behind', 'unknown').map((freshness) => read({ suspect, match, coherent, freshness })),
      ),
    ),
  ),
]

const situations: readonly Situation[] = findings.flatMap((finding) =>
  each('configured', 'nowhere', 'unnamed', 'other_branches_only').flatMap((erp) =>
    each(true, false).flatMap((unscoped) =>
      each('not_yet', 'answered', 'bad_response', 'unavailable').flatMap((asked) =>
        each(true, false).map((lastKnown): Situation => ({ finding, erp, unscoped, asked, lastKnown })),
      ),
    ),
  ),
)

const said = (yes: boolean): string => (yes ? 'yes' : 'no')

/** A situation in the words of the documented table. */
const cellsOf = ({ finding, erp, unscoped, asked, lastKnown }: Situation): readonly string[] => [
  reasonOf(finding) ?? 'none',
  said(finding.kind === 'read' && finding.freshness === 'proven'),
  said(unscoped),
  erp,
  asked,
  said(lastKnown),
]

const wordsOf = (decision: Decision): string =>
  'code' in decision ? `${decision.kind} ${decision.code}` : decision.kind

const rows = readFileSync(new URL('../../../../docs/decision.md', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| reason'))
  .map((line) => line.split('|').slice(1, -1))
  .map((cells) => cells.map((cell) => cell.trim().replaceAll('`', '')))

const fits = (row: readonly string[], cells: readonly string[]): boolean =>
  cells.every((cell, index) => row[index] === 'any' || row[index]!.split(', ').includes(cell))

describe('the documented table', () => {
  test('says of every situation what is decided', () => {
    expect(situations).toHaveLength(37 * 4 * 2 * 4 * 2)
    for (const situation of situations) {
      const cells = cellsOf(situation)
      expect([...cells, rows.find((row) => fits(row, cells))?.[6]]).toEqual([...cells, wordsOf(decide(situation))])
    }
  })

  test('has no row that decides nothing', () => {
    const used = new Set(situations.map((situation) => rows.findIndex((row) => fits(row, cellsOf(situation)))))
    expect([...used].sort()).toEqual([...rows.keys()])
  })
})

describe('whatever the situation', () => {
  test('nothing but a proven finding is answered by the projection or refused as a fact', () => {
    for (const situation of situations) {
      const { kind } = decide(situation)
      if (kind === 'projection' || kind === 'refuse')
        expect(situation.finding).toMatchObject({ kind: 'read', freshness: 'proven' })
    }
  })

  test('a suspect student is never answered by the projection', () => {
    for (const situation of situations)
      if (situation.finding.kind === 'read' && situation.finding.suspect)
        expect(decide(situation).kind).not.toBe('projection')
  })

  test('an ERP that can be asked is asked before anything is refused, forbidden lookups apart', () => {
    for (const situation of situations)
      if (situation.erp === 'configured') expect(decide(situation).kind).not.toBe('refuse')
  })

  test('every decision bears the reason of its finding', () => {
    for (const situation of situations) {
      const decision = decide(situation)
      if ('reason' in decision) expect(decision.reason).toBe(reasonOf(situation.finding))
    }
  })
})
