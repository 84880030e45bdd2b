import { describe, expect, test } from 'vitest'
import { missingBehind } from '../../../../../src/cli/decision/missing.ts'
import { changed, enrolled } from '../../../../golden/said.ts'
import { nth, recordOf } from '../../../../support/events.ts'
import { type Entry, tell } from '../../../../support/tell.ts'

const BAD = changed('A', -1)
const missing = (letterAt: number, ...entries: readonly Entry[]) =>
  missingBehind(tell(...entries).state, [{ partition: 0, offset: letterAt }])

describe('a forced discard names what is missing', () => {
  test('of the source of a letter without a readable number', () => {
    const other = { source: '/erp/b' }
    const found = missing(
      1,
      nth(1, enrolled()),
      nth('x', BAD),
      nth(4, changed('A', 4)),
      nth(1, changed('A', 1), other),
      nth(3, changed('A', 3), other),
    )
    expect(found).toEqual([{ source: '/erp/main', sequence: '2', last: '3' }])
  })

  test('of every source behind a letter without a readable source', () => {
    const found = missing(
      1,
      nth(1, enrolled()),
      recordOf('{'),
      nth(3, changed('A', 3)),
      nth(2, changed('A', 2), { source: '/erp/b' }),
    )
    expect(found.map(({ sequence }) => sequence)).toEqual(['2', '1'])
  })

  test('of none behind a letter that tells its number', () => {
    expect(missing(1, nth(1, enrolled()), nth(2, BAD), nth(4, changed('A', 4)))).toEqual([])
  })

  test('however many they are, as ranges', () => {
    expect(missing(1, nth(1, enrolled()), nth('x', BAD), nth('9000000000', changed('A', 4)))).toEqual([
      { source: '/erp/main', sequence: '2', last: '8999999999' },
    ])
  })
})
