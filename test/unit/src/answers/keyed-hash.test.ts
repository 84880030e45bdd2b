import { createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import { keyedHash, keyFingerprint } from '../../../../src/answers/keyed-hash.ts'

const TEXTS = ['', 'S-1001', 'अनुष्का', '\u{1F393}'.repeat(128), 'x'.repeat(600), 'S-1001']

test.each([
  'k',
  'a key of usual length, made by openssl',
  'é'.repeat(32),
  'x'.repeat(64),
  'x'.repeat(65),
  'x'.repeat(500),
])('it is HMAC-SHA-256 in hexadecimal, whatever the key: %s', (key) => {
  const hashed = keyedHash(key)
  for (const text of TEXTS) expect(hashed(text)).toBe(createHmac('sha256', key).update(text).digest('hex'))
})

test('another key has another fingerprint, the same key the same', () => {
  expect(keyFingerprint(keyedHash('one'))).toBe(keyFingerprint(keyedHash('one')))
  expect(keyFingerprint(keyedHash('one'))).not.toBe(keyFingerprint(keyedHash('two')))
})
