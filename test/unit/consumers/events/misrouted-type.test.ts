import { expect, test } from 'vitest'
import { sortBatch } from '../../../../consumers/projector/sort-batch.ts'
import { newMetadata } from '../../../../consumers/stored/checkpoint-metadata.ts'
import { bare } from '../../../support/events.ts'

const student = { identifier: 'S-1', grade: '5', academic_year_start: '2026' }

test.each([
  ['an event', { type: 'erp.fees.assessed.v1', data: { student, fee_components: [] } }, 'erp.fees.assessed.v1'],
  ['a broken one', { type: 'erp.fee.removed.v1', data: { student, component_type: '' } }, 'erp.fee.removed.v1'],
  ['a foreign one', { type: 'edu.library.lent', sequence: 1, data: { student } }, 'unknown'],
])('%s on a wrong partition is counted under its type', (_, said, type) => {
  const { misrouted } = sortBatch([bare(said)], newMetadata('test', 'log'), 'erp.student-events', () => 1)
  expect(misrouted.map((found) => found.type)).toEqual([type])
})
