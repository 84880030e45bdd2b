import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { kafkaLog } from '../../src/kafka/kafka-log.ts'
import type { SaslSettings } from '../../src/kafka/login/sasl.ts'
import { type OidcServer, oidcServer } from '../support/oidc-server.ts'
import { openProgram } from '../support/program.ts'
import { until } from '../support/until.ts'
import { canRunKafka, everyMechanism, type PrivateKafka, privateKafka } from './private-kafka.ts'

const TOPIC = 'erp.student-events'
const client = { id: 'pullgate', secret: randomBytes(12).toString('base64url') }
const password = randomBytes(12).toString('hex')
const logger = { debug: () => {}, info: () => {}, warn: () => {} }

let folder: string
let oidc: OidcServer
let kafka: PrivateKafka

beforeAll(async () => {
  if (!canRunKafka) return
  folder = mkdtempSync(join(tmpdir(), 'pullgate-logins-'))
  oidc = await oidcServer(client)
  kafka = await privateKafka(undefined, everyMechanism('alice', password, oidc))
  await kafka.start()
}, 120_000)

afterAll(async () => {
  await kafka?.close()
  await oidc?.close()
  if (folder) rmSync(folder, { recursive: true, force: true })
})

const logWith = (sasl: SaslSettings) => kafkaLog({ brokers: kafka.brokers, clientId: 'test', sasl, logger })
const oauth = (): SaslSettings & { readonly mechanism: 'oauthbearer' } => ({
  mechanism: 'oauthbearer',
  tokenEndpoint: oidc.tokenEndpoint,
  clientId: client.id,
  clientSecret: { value: client.secret },
  scope: 'kafka openid',
  extensions: { logicalCluster: 'lkc-abc', identityPoolId: 'pool-1' },
})
/** What every command does first; it rejects where the broker lets nobody in. */
const describeTopic = async (sasl: SaslSettings): Promise<unknown> => {
  const log = logWith(sasl)
  try {
    return await log.describe(TOPIC)
  } finally {
    await log.close()
  }
}

describe.runIf(canRunKafka)('a broker that wants a log-in', () => {
  test.each(['plain', 'scram-sha-256', 'scram-sha-512'] as const)('lets a user in by %s', async (mechanism) => {
    await until('the broker to know its users', async () =>
      describeTopic({ mechanism, username: 'alice', password: { value: password } }).then(
        () => true,
        () => false,
      ),
    )
  })

  test.each(['plain', 'scram-sha-256', 'scram-sha-512'] as const)(
    'refuses a wrong password by %s',
    async (mechanism) => {
      const refused = describeTopic({ mechanism, username: 'alice', password: { value: 'not-it' } })
      await expect(refused).rejects.toMatchObject({ code: 'refused' })
    },
  )

  test('reads the file of the password anew at each connection', async () => {
    const file = join(folder, 'password')
    writeFileSync(file, 'the-former-one\n')
    const log = logWith({ mechanism: 'plain', username: 'alice', password: { file } })
    await expect(log.describe(TOPIC)).rejects.toMatchObject({ code: 'refused' })
    writeFileSync(file, `${password}\n`)
    expect(await log.describe(TOPIC)).toBeNull()
    await log.close()
  })

  test('lets a token of the provider in, with its scope and the client by Basic authentication', async () => {
    await until('the broker to have the keys of the provider', async () =>
      describeTopic(oauth()).then(
        () => true,
        () => false,
      ),
    )
    const { authorization, body } = oidc.requests.at(-1)!
    expect(authorization).toBe(`Basic ${Buffer.from(`${client.id}:${client.secret}`).toString('base64')}`)
    expect(body).toBe('grant_type=client_credentials&scope=kafka+openid')
  })

  test('asks for one token, however many connections there are', async () => {
    const before = oidc.requests.length
    const log = logWith(oauth())
    await Promise.all([log.describe(TOPIC), log.describe(`${TOPIC}.dlq`), log.ends(TOPIC, [0]).catch(() => null)])
    await log.close()
    expect(oidc.requests.length - before).toBe(1)
  })

  test('goes on over the end of a token without a failed call', async () => {
    oidc.give({ lifeS: 8 })
    const before = oidc.requests.length
    const log = logWith(oauth())
    const end = performance.now() + 9000
    await until(
      'the first token to have ended',
      async () => {
        expect(await log.describe(TOPIC)).toBeNull()
        return performance.now() > end
      },
      20_000,
    )
    await log.close()
    oidc.give({ lifeS: 3600 })
    expect(oidc.requests.length - before).toBeGreaterThan(1)
  }, 30_000)

  test('that refuses a token says so, and why', async () => {
    oidc.give({ audience: 'another-service' })
    await expect(describeTopic(oauth())).rejects.toMatchObject({
      code: 'refused',
      message: expect.stringContaining('refuses the token'),
    })
    oidc.give({ audience: 'kafka' })
  })

  test('is refused where the provider refuses the client', async () => {
    const refused = describeTopic({ ...oauth(), clientSecret: { value: 'not-it' } })
    await expect(refused).rejects.toMatchObject({
      code: 'refused',
      message: expect.stringContaining('401 invalid_client'),
    })
    await expect(refused).rejects.not.toMatchObject({ message: expect.stringContaining('not-it') })
  })

  test('is unavailable while the provider fails, and answers when the provider does', async () => {
    oidc.give({ status: 503 })
    const log = logWith(oauth())
    await expect(log.describe(TOPIC)).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('the token endpoint answers 503'),
    })
    oidc.give({ status: 200 })
    expect(await log.describe(TOPIC)).toBeNull()
    await log.close()
  })

  test('takes a signed token of AWS through the whole handshake, and refuses it where it is no broker of MSK', async () => {
    const keys = { AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE', AWS_SECRET_ACCESS_KEY: randomBytes(12).toString('hex') }
    Object.assign(process.env, keys)
    try {
      await expect(describeTopic({ mechanism: 'aws-msk-iam', region: 'ap-south-1' })).rejects.toMatchObject({
        code: 'refused',
        message: expect.stringContaining('refuses the token'),
      })
    } finally {
      for (const name of Object.keys(keys)) delete process.env[name]
    }
  })

  test('is named by the environment: topics are made by a token', async () => {
    const program = await openProgram({
      brokers: kafka.brokers.join(','),
      redisUrl: 'redis://127.0.0.1:1',
      config: JSON.stringify({
        topic: { name: TOPIC, partitions: 2 },
        policy: { balance_basis: 'payable', paid_instalments: 'zero' },
      }),
      env: {
        KAFKA_SASL_MECHANISM: 'oauthbearer',
        KAFKA_SASL_OAUTH_TOKEN_ENDPOINT: oidc.tokenEndpoint,
        KAFKA_SASL_OAUTH_CLIENT_ID: client.id,
        KAFKA_SASL_OAUTH_CLIENT_SECRET: client.secret,
        KAFKA_SASL_OAUTH_SCOPE: 'kafka openid',
        KAFKA_SASL_OAUTH_EXTENSIONS: 'logicalCluster=lkc-abc,identityPoolId=pool-1',
      },
    })
    const { code, stderr } = await program.run(['topics'])
    await program.close()
    expect(stderr).not.toContain(client.secret)
    expect(code).toBe(0)
  })
})
