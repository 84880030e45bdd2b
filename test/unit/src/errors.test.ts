import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { envelope, errors, PullgateError } from '../../../src/errors.ts'
import { UNAVAILABLE_REASONS } from '../../../src/unavailable-reasons.ts'

const page = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8')
const rows = [...page.matchAll(/^\| `(\w+)` \| (\d{3}) \| (yes|no) \| .+ \|$/gm)].map(
  ([, code, status, retryable]) => [code, { status: Number(status), retryable: retryable === 'yes' }] as const,
)

test('the page of errors has every code of the table, and no other', () => {
  const table = Object.entries(errors).map(([code, { status, retryable }]) => [code, { status, retryable }])
  expect(rows).toEqual(table)
})

test('the page of errors has every reason of a 503 that the port decides, and no other', () => {
  const [, section = ''] = page.split('| reason | because |')
  const told = [...section.matchAll(/^\| `(\w+)` \| (.+) \|$/gm)].map(([, reason, words]) => [reason, words])
  expect(told).toEqual(Object.entries(UNAVAILABLE_REASONS))
})

test('the envelope’s keys stand in their order', () => {
  expect(envelope('not_found')).toBe('{"status":"error","message":"There is nothing at this path.","code":"not_found"}')
  expect(envelope('student_transferred', 'To "Pune" – ü\n')).toBe(
    '{"status":"error","message":"To \\"Pune\\" – ü\\n","code":"student_transferred"}',
  )
})

test('what may be retried is a matter of time or of our side', () => {
  for (const { status, retryable } of Object.values(errors))
    expect(retryable).toBe([408, 429].includes(status) || status >= 500)
})

test('an error keeps its code and its cause', () => {
  const cause = new Error('x')
  const error = new PullgateError('store_unavailable', undefined, { cause })
  expect(error).toMatchObject({
    name: 'PullgateError',
    code: 'store_unavailable',
    message: errors.store_unavailable.message,
    cause,
  })
})
