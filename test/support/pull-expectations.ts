import { expect } from 'vitest'
import { type ErrorCode, envelope, errors } from '../../src/errors.ts'
import type { Answer } from '../integration/http-edge.ts'

/** What one pull must say, headers and bytes. */
export type Expected =
  | { readonly from: 'projection'; readonly status: 200 | 422; readonly body: string }
  | { readonly from: 'erp'; readonly status: 200 | 422; readonly body: string; readonly reason: string }
  | { readonly from: 'last-known-good'; readonly status: 200 | 422; readonly body: string; readonly reason: string }
  /** A 422 that is decided for want of an ERP. */
  | { readonly from: 'refusal'; readonly code: 'student_not_found' | 'data_error'; readonly reason: string }
  | { readonly from: 'nobody'; readonly code: ErrorCode; readonly reason?: string; readonly retryAfter?: string }

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

const PULLGATE = ['x-pullgate-source', 'x-pullgate-as-of', 'x-pullgate-version', 'x-pullgate-reason', 'age'] as const

const wanted = (expected: Expected): Record<(typeof PULLGATE)[number], unknown> => {
  const none = Object.fromEntries(PULLGATE.map((name) => [name, undefined])) as Record<
    (typeof PULLGATE)[number],
    unknown
  >
  if (expected.from === 'nobody') return { ...none, 'x-pullgate-reason': expected.reason }
  const said = { ...none, 'x-pullgate-as-of': expect.stringMatching(INSTANT) }
  switch (expected.from) {
    case 'projection':
      return { ...said, 'x-pullgate-source': 'projection', 'x-pullgate-version': expect.stringMatching(/^\d+:\d+$/) }
    case 'erp':
      return { ...said, 'x-pullgate-source': 'erp', 'x-pullgate-reason': expected.reason }
    case 'last-known-good':
      return {
        ...said,
        'x-pullgate-source': 'last-known-good',
        'x-pullgate-reason': expected.reason,
        age: expect.stringMatching(/^\d+$/),
      }
    case 'refusal':
      return { ...said, 'x-pullgate-source': 'projection', 'x-pullgate-reason': expected.reason }
  }
}

const statusOf = (expected: Expected): number =>
  expected.from === 'nobody' ? errors[expected.code].status : expected.from === 'refusal' ? 422 : expected.status

export const expectAnswer = ({ status, headers, body }: Answer, expected: Expected): void => {
  const shown = { ...Object.fromEntries(PULLGATE.map((name) => [name, headers[name]])) }
  expect({ status, ...shown, body }).toEqual({
    status: statusOf(expected),
    ...wanted(expected),
    body: expect.any(String),
  })
  if (expected.from === 'refusal') expect(JSON.parse(body)).toMatchObject({ status: 'error', code: expected.code })
  else if (expected.from === 'nobody') {
    expect(body).toBe(envelope(expected.code))
    const needsRetryAfter = status === 503 || status === 429
    expect(headers['retry-after'] !== undefined).toBe(needsRetryAfter)
    if (expected.retryAfter !== undefined) expect(headers['retry-after']).toBe(expected.retryAfter)
  } else expect(body).toBe(expected.body)
  expect(headers['content-type']).toBe('application/json; charset=utf-8')
  expect(headers['content-length']).toBe(String(Buffer.byteLength(body)))
  expect(headers['cache-control']).toBe('no-store')
  expect(headers['x-request-id']).toMatch(/^[A-Za-z0-9._-]{1,128}$/)
}
