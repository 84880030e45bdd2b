import { expect, test } from 'vitest'
import { traceOf } from '../../../../consumers/events/trace.ts'
import { bare, binary, recordOf, structured } from '../../../support/events.ts'

const TRACE = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'

test.each([
  ['bare', bare],
  ['structured', structured],
  ['binary', binary],
])('a %s event tells its trace', (_, make) => {
  expect(traceOf(make({ type: 'erp.fee.lost.v1', traceparent: TRACE }))).toBe(TRACE)
})

test.each([undefined, 'Asha Rao', `${TRACE}-more`, TRACE.toUpperCase(), 7])('%j is no trace', (traceparent) => {
  expect(traceOf(bare({ type: 'erp.fee.lost.v1', traceparent }))).toBeNull()
})

test('what cannot be read has none', () => {
  expect(traceOf(recordOf('{'))).toBeNull()
})
