import { expect, test } from 'vitest'
import { validateRecord } from '../../../../consumers/events/validate.ts'
import { bare } from '../../../support/events.ts'

const problems = (type: string) => {
  const validated = validateRecord(bare({ type, data: {} }))
  return validated.kind === 'invalid' ? validated.problems : []
}

test.each([' ERP.fee.changed.v1', '"erp.fee.changed.v1"', 'erp.Fee.Changed.v1'])(
  '%j is told what was meant',
  (type) => {
    expect(problems(type)).toEqual([
      { pointer: '/type', message: expect.stringMatching(/; did you mean erp\.fee\.changed\.v1\?$/) },
    ])
  },
)

test.each(['ERP.fee.vanished.v1', 'erp.fee.vanished.v1'])('%j is like no type, and nothing is guessed', (type) => {
  expect(problems(type)).toEqual([{ pointer: '/type', message: expect.not.stringContaining('did you mean') }])
})
