import { expect, test } from 'vitest'
import { awsToken } from '../../../../src/kafka/login/aws-token.ts'
import { bearerMessage } from '../../../../src/kafka/login/bearer-login.ts'
import { oidcToken } from '../../../../src/kafka/login/oidc-token.ts'
import { renewedToken, type Token } from '../../../../src/kafka/login/token.ts'
import { oidcServer } from '../../../support/oidc-server.ts'

test('a bearer message has the token, then each extension, as Kafka itself writes it', () => {
  expect(bearerMessage('T', {})).toBe('n,,\x01auth=Bearer T\x01\x01')
  expect(bearerMessage('T', { logicalCluster: 'lkc-abc', identityPoolId: 'pool-1' })).toBe(
    'n,,\x01auth=Bearer T\x01logicalCluster=lkc-abc\x01identityPoolId=pool-1\x01\x01',
  )
})

test('the token of AWS is a signed URL of the region that ends within 15 minutes', async () => {
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE', AWS_SECRET_ACCESS_KEY: 'not-a-real-key' })
  try {
    const { value, endsAtMs } = await awsToken('ap-south-1')()
    const url = new URL(Buffer.from(value, 'base64url').toString())
    expect(url.host).toBe('kafka.ap-south-1.amazonaws.com')
    expect(url.searchParams.get('Action')).toBe('kafka-cluster:Connect')
    expect(url.searchParams.get('X-Amz-Signature')).toMatch(/^[0-9a-f]{64}$/)
    expect(endsAtMs - Date.now()).toBeGreaterThan(600_000)
    expect(endsAtMs - Date.now()).toBeLessThanOrEqual(900_000)
  } finally {
    for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']) delete process.env[name]
  }
})

test.each([
  [3_600_000, 3_570_000],
  [40_000, 20_000],
])('a token of %i ms is fetched anew after %i ms, and not before', async (lifeMs, renewedAfterMs) => {
  let [now, fetched] = [0, 0]
  const token = renewedToken(
    async () => ({ value: `token-${++fetched}`, endsAtMs: now + lifeMs }),
    () => now,
  )
  expect(await token.get()).toBe('token-1')
  now = renewedAfterMs - 1
  expect(await token.get()).toBe('token-1')
  now = renewedAfterMs
  expect(await token.get()).toBe('token-2')
  token.close()
})

test('two that ask at once get one token, and a failure is not kept', async () => {
  const answers: (() => Promise<Token>)[] = [
    () => Promise.reject(new Error('no')),
    async () => ({ value: 'T', endsAtMs: Date.now() + 60_000 }),
  ]
  const token = renewedToken(() => answers.shift()!())
  await expect(Promise.all([token.get(), token.get()])).rejects.toThrow('no')
  expect(await Promise.all([token.get(), token.get()])).toEqual(['T', 'T'])
  token.close()
})

test('an answer without a token, and a provider that is away, are said in words without the secret', async () => {
  const client = { id: 'pullgate', secret: 'a-secret' }
  const server = await oidcServer(client)
  const ask = oidcToken({
    tokenEndpoint: server.tokenEndpoint,
    clientId: client.id,
    clientSecret: { value: client.secret },
  })
  expect((await ask()).value.split('.')).toHaveLength(3)
  await server.close()
  await expect(ask()).rejects.toThrow('the token endpoint does not answer (ECONNREFUSED)')
})
