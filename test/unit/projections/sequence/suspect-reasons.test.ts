import { describe, expect, test } from 'vitest'
import { suspectReasonsOf } from '../../../../projections/sequence/suspect-reasons.ts'
import type { Student } from '../../../../projections/state/student.ts'
import { changed, enrolled } from '../../../golden/said.ts'
import { decidedHistory } from '../../../support/arbitraries.ts'
import { nth } from '../../../support/events.ts'
import { law } from '../../../support/law.ts'
import { tell } from '../../../support/tell.ts'

/** Said by the parts of the state, without the reasons. */
const hasOpenEnds = ({ waiting, letters, sources }: Student): boolean =>
  waiting.length > 0 ||
  letters.some(({ settled }) => !settled) ||
  [...sources.values()].some(({ numbers }) => numbers.highest > numbers.applied)

describe('the reasons for suspicion', () => {
  law(
    'are there exactly where something waits, is dead, or is missing below a number that was seen',
    decidedHistory,
    (entries) => {
      const { state } = tell(...entries)
      expect(suspectReasonsOf(state).length > 0).toBe(hasOpenEnds(state))
    },
    { runs: 700 },
  )

  test('name a number that is missing below a dead letter', () => {
    const { state } = tell(nth(1, enrolled()), nth(4, changed('A', -1)))
    expect(suspectReasonsOf(state)).toMatchObject([
      { kind: 'gap', source: '/erp/main', missing: [[2n, 3n]], held: [] },
      { kind: 'letter', letter: { sequence: 4n } },
    ])
  })
})
