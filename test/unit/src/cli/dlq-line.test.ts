import { expect, test } from 'vitest'
import type { StudentId } from '../../../../projections/values/ids.ts'
import { asLine } from '../../../../src/cli/dlq/letters.ts'
import { recordOf } from '../../../support/events.ts'

const letter = {
  standing: 'open',
  partition: 3,
  offset: 1042,
  reason: 'poison',
  detail: 'bad_data /data/amount',
  identifier: 'S-1001' as StudentId,
  source: '/erp/blr-01',
  record: recordOf('{}'),
} as const

test('a dead letter’s line names its student and its publisher', () => {
  expect(asLine(letter)).toBe('open     3:1042        poison     S-1001  /erp/blr-01  bad_data /data/amount')
})

test('what cannot be told of a dead letter is said so', () => {
  const line = asLine({ ...letter, identifier: null, source: null })
  expect(line).toBe('open     3:1042        poison     (no student)  (no source)  bad_data /data/amount')
})
