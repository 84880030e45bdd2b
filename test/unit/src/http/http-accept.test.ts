import { expect, test } from 'vitest'
import { acceptsJson } from '../../../../src/http/accept.ts'

test.each([
  undefined,
  '',
  '*/*',
  '*',
  'application/json',
  'APPLICATION/JSON',
  'application/json; charset=utf-8',
  'application/*',
  'text/html, application/json;q=0.1',
  'text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2',
  'text/html;q=0, */*',
  'text/html ; level=1 , application/json ; q=0.001',
  'application/json;q=1, */*;q=0',
  'application/*;q=0.5, */*;q=0',
  'text/plain;a="x,application/json;q=0", */*',
  'application/json;profile="a\\"b;q=0";q=1',
  'application/json;q=',
  'application/json;q=high',
  ' ,, application/json ,',
])('%s accepts JSON', (accept) => {
  expect(acceptsJson(accept)).toBe(true)
})

test.each([
  'text/html',
  'application/xml, text/*',
  'application/json;q=0',
  'application/json; Q=0.000',
  'application/json;q=0, */*',
  'application/*;q=0, */*;q=1',
  '*/*;q=0',
  'application/jsonx',
  'text/plain;a="application/json, */*"',
  ',',
  'json',
])('%s does not', (accept) => {
  expect(acceptsJson(accept)).toBe(false)
})

test('a hostile header of 16 KiB is read to its end', () => {
  const hostile = [
    'a;'.repeat(8_000),
    `"${'\\"'.repeat(8_000)}`,
    `${'a '.repeat(8_000)}"`,
    'q=;'.repeat(5_000),
    `${' '.repeat(16_000)};`,
  ]
  for (const header of hostile) {
    expect(typeof acceptsJson(header)).toBe('boolean')
  }
})
