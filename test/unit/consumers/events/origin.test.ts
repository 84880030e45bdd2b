import { expect, test } from 'vitest'
import { originOf } from '../../../../consumers/events/origin.ts'
import { bare, binary, recordOf, structured } from '../../../support/events.ts'

const TRACE = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'

test.each([
  ['bare', bare],
  ['structured', structured],
  ['binary', binary],
])('a %s event tells its source and its trace', (_, make) => {
  expect(originOf(make({ type: 'erp.fee.lost.v1', source: '/erp/a', traceparent: TRACE }))).toEqual({
    source: '/erp/a',
    traceparent: TRACE,
  })
})

test.each([undefined, 'Asha Rao', `${TRACE}-more`, TRACE.toUpperCase(), 7])('%j is no trace', (traceparent) => {
  expect(originOf(bare({ type: 'erp.fee.lost.v1', traceparent })).traceparent).toBeNull()
})

test.each([undefined, '', 'x'.repeat(257), 7])('%j is no source', (source) => {
  expect(originOf(bare({ type: 'erp.fee.lost.v1', source })).source).toBeNull()
})

test('what cannot be read has no origin', () => {
  expect(originOf(recordOf('{'))).toEqual({ source: null, traceparent: null })
})
