import { describe, expect, test } from 'vitest'
import { decodeState, encodeState, FOLD_VERSION } from '../../../../projections/state/state.ts'
import { UNKNOWN_STUDENT } from '../../../../projections/state/student.ts'
import { enrolled } from '../../../golden/said.ts'
import golden from '../../../golden/stored-states.json' with { type: 'json' }
import { STORED_SCENES, storedScenes } from '../../../support/stored-scenes.ts'
import { tell } from '../../../support/tell.ts'

describe('a stored state', () => {
  test.each(STORED_SCENES)('with %s is read as what was written', (_scene, entries) => {
    const { state } = tell(...entries)
    expect(decodeState(encodeState(state))).toEqual(state)
    expect(encodeState(decodeState(encodeState(state)))).toBe(encodeState(state))
  })

  test('of a student of whom nothing is known is one as well', () => {
    expect(decodeState(encodeState(UNKNOWN_STUDENT))).toEqual(UNKNOWN_STUDENT)
  })

  test('is one line and the seen events, whatever the texts bear', () => {
    const { state } = tell(enrolled({ fullname: 'a\nb~@;' }))
    expect(encodeState(state).split('\n')).toHaveLength(2)
    expect(decodeState(encodeState(state))).toEqual(state)
  })
})

describe('the fold version', () => {
  test('is raised wherever the stored bytes of a scene change (then: node scripts/write-stored-states.ts)', () => {
    expect({ version: FOLD_VERSION, states: storedScenes() }).toEqual(golden)
  })
})
