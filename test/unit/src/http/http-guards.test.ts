import { expect, test } from 'vitest'
import { hashSecret, parseSecret, verifySecret } from '../../../../src/config/secret.ts'
import { deadlines } from '../../../../src/http/deadlines.ts'
import { addressKey, BURST, failureThrottle } from '../../../../src/http/failure-throttle.ts'
import { retrySeconds, tokenBucket } from '../../../../src/http/rate-limit.ts'

test('a bucket gives one second’s worth at once and then its rate', () => {
  const bucket = tokenBucket(2)
  expect([0, 0, 0].map((nowMs) => bucket.take(nowMs))).toEqual([0, 0, 500])
  expect([499, 500, 600, 1_000].map((nowMs) => bucket.take(nowMs) === 0)).toEqual([false, true, false, true])
  expect([60_000, 60_000, 60_000].map((nowMs) => bucket.take(nowMs) === 0)).toEqual([true, true, false])
})

test('a clock that runs backwards gives nothing away and takes nothing', () => {
  const bucket = tokenBucket(1)
  expect([bucket.take(1_000), bucket.take(0), bucket.take(1_500), bucket.take(2_000)].map((ms) => ms === 0)).toEqual([
    true,
    false,
    false,
    true,
  ])
})

test('Retry-After is whole seconds, and never none', () => {
  expect([0.1, 1_000, 1_001].map(retrySeconds)).toEqual([1, 1, 2])
})

test.each([
  [undefined, ''],
  ['10.0.0.1', '10.0.0.1'],
  ['::ffff:10.0.0.1', '10.0.0.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:db8:1:2::9', '2001:db8:1:2'],
  ['2001:db8::9', '2001:db8:0:0'],
  ['::1', '0:0:0:0'],
  ['fe80::1%eth0', 'fe80:0:0:0'],
  ['10.0.0.1:4711', '10.0.0.1'],
  ['[2001:db8:1:2::9]:4711', '2001:db8:1:2'],
  ['unknown', 'unknown'],
])('the address %s is throttled as %s', (address, key) => {
  expect(addressKey(address)).toBe(key)
})

test('failures are charged per key up to a burst, and one a second is forgiven', () => {
  const { failed, charged } = failureThrottle()
  for (let i = 0; i < BURST; i++) expect(failed('a', 0)).toBe(0)
  expect(failed('a', 0)).toBe(1_000)
  expect([charged('a', 0), charged('b', 0)]).toEqual([BURST, 0])
  expect([failed('b', 0), failed('a', 1_000), failed('a', 1_500)]).toEqual([0, 0, 500])
  expect(charged('a', 11_500)).toBe(BURST - 10)
})

test('a clock that runs backwards forgives nothing', () => {
  const { failed, charged } = failureThrottle()
  failed('a', 10_000)
  failed('a', 0)
  expect([charged('a', 0), charged('a', 10_000), charged('a', 11_000)]).toEqual([2, 2, 1])
})

test('ten thousand and more addresses make the oldest forgotten, not the memory grow', () => {
  const { failed, charged } = failureThrottle()
  failed('old', 0)
  for (let i = 0; i < 10_000; i++) failed(`k${i}`, 0)
  expect([charged('old', 0), charged('k0', 0)]).toEqual([0, 1])
})

test('what is not taken out before its time expires, in order and once', async () => {
  const expired: string[] = []
  const waiting = deadlines<string>((item) => expired.push(item))
  const now = performance.now()
  const leave = [
    waiting.add('a', now + 20),
    waiting.add('b', now + 30),
    waiting.add('c', now + 40),
    waiting.add('d', now + 50),
  ]
  leave[1]!()
  leave[1]!()
  expect(waiting.size()).toBe(3)
  await expect.poll(() => expired).toEqual(['a', 'c', 'd'])
  for (const take of leave) take()
  expect(waiting.size()).toBe(0)
  const last = waiting.add('e', performance.now() + 5)
  await expect.poll(() => expired).toContain('e')
  last()
})

test('a secret verifies against its hash and no other, and two hashes of it differ', async () => {
  const stored = await hashSecret('pä ss')
  expect(stored).toMatch(/^scrypt\$32768\$8\$1\$[\w-]{22}\$[\w-]{43}$/)
  expect(await hashSecret('pä ss')).not.toBe(stored)
  const parsed = parseSecret(stored)!
  expect([
    await verifySecret('pä ss', parsed),
    await verifySecret('pä s', parsed),
    await verifySecret('', parsed),
  ]).toEqual([true, false, false])
})

test.each([
  'scrypt$16384$8$1$abc$def',
  'scrypt$16383$8$1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
  'scrypt$8388608$8$1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
  'scrypt$16384$8$99$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
  '$2b$10$abcdefghijklmnopqrstuv',
  'hunter2',
])('%s is no stored secret', (text) => {
  expect(parseSecret(text)).toBeNull()
})
