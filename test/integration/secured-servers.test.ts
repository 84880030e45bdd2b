import { randomBytes } from 'node:crypto'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Log } from '../../consumers/ports/log.ts'
import { hashSecret } from '../../src/config/secret.ts'
import { kafkaLog } from '../../src/kafka/kafka-log.ts'
import type { TlsFiles } from '../../src/tls-files.ts'
import { type Certificates, makeCertificates } from '../support/certificates.ts'
import { freePort, type PrivateRedis, privateRedis } from '../support/private-redis.ts'
import { openProgram, type Program, type Running } from '../support/program.ts'
import { publisher } from '../support/school.ts'
import { until } from '../support/until.ts'
import { canRunKafka, type PrivateKafka, privateKafka, scramOverTls } from './private-kafka.ts'

const TOPIC = 'erp.student-events'
const secrets = {
  kafka: randomBytes(12).toString('hex'),
  redis: randomBytes(12).toString('hex'),
  client: randomBytes(12).toString('hex'),
}

let certificates: Certificates

const logWith = (ssl: TlsFiles): Log =>
  kafkaLog({
    brokers: kafka.brokers,
    clientId: 'test',
    ssl,
    sasl: { mechanism: 'scram-sha-512', username: 'pullgate', password: { value: secrets.kafka } },
    logger: { debug: () => {}, info: () => {}, warn: () => {} },
  })
let kafka: PrivateKafka
let redis: PrivateRedis
let program: Program
let all: Running
let tlsPort: number

const env = (): Record<string, string> => ({
  KAFKA_SSL: 'true',
  KAFKA_CA_FILE: certificates.ca,
  KAFKA_CERT_FILE: certificates.client.cert,
  KAFKA_KEY_FILE: certificates.client.key,
  KAFKA_SASL_MECHANISM: 'scram-sha-512',
  KAFKA_SASL_USERNAME: 'pullgate',
  KAFKA_SASL_PASSWORD: secrets.kafka,
  NODE_EXTRA_CA_CERTS: certificates.ca,
})

beforeAll(async () => {
  certificates = await makeCertificates()
  kafka = await privateKafka(undefined, scramOverTls(certificates, 'pullgate', secrets.kafka))
  const { cert, key } = certificates.server
  tlsPort = await freePort()
  const tls = ['--tls-port', String(tlsPort), '--tls-cert-file', cert, '--tls-key-file', key]
  const own = ['--tls-ca-cert-file', certificates.ca, '--tls-auth-clients', 'no', '--requirepass', secrets.redis]
  redis = await privateRedis(...tls, ...own)
  await kafka.start()
  program = await openProgram({
    brokers: kafka.brokers.join(','),
    redisUrl: `rediss://:${secrets.redis}@127.0.0.1:${tlsPort}`,
    config: JSON.stringify({
      topic: { name: TOPIC, partitions: 2 },
      policy: { balance_basis: 'payable', paid_instalments: 'zero' },
      clients: [{ username: 'jodo', secrets: [await hashSecret(secrets.client)], branches: 'all' }],
    }),
    env: env(),
  })
}, 120_000)

afterAll(async () => {
  await program?.close()
  await Promise.all([kafka?.close(), redis?.close()])
  await certificates?.close()
})

describe.runIf(canRunKafka)(
  'on Kafka by SCRAM over TLS with client certificates, and on Redis by TLS with a password',
  () => {
    test('topics are created, events are projected, and pulls are answered', async () => {
      await until('the topics to be made', async () => (await program.run(['topics'])).code === 0, 90_000)
      all = await program.start('all')
      const log = logWith({ ca: certificates.ca, ...certificates.client })
      const school = publisher(TOPIC, 2)
      await log.append([school.enrolled('S-1'), school.assessed('S-1', 4200)])
      await log.close()
      const headers = { Authorization: `Basic ${Buffer.from(`jodo:${secrets.client}`).toString('base64')}` }
      await until(
        'the projection to answer',
        async () => {
          const response = await fetch(`${all.url}/fetch-student?identifier=S-1`, { headers })
          return (
            response.headers.get('x-pullgate-source') === 'projection' &&
            (await response.text()).includes('"fee_amount":4200}')
          )
        },
        60_000,
      )
    }, 180_000)

    test('a renewed client certificate counts from the next connection, without a restart', async () => {
      const strange = await makeCertificates()
      const folder = await mkdtemp(join(tmpdir(), 'pullgate-renewed-'))
      const files = { ca: certificates.ca, cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') }
      const put = ({ cert, key }: { readonly cert: string; readonly key: string }) =>
        Promise.all([cp(cert, files.cert), cp(key, files.key)])
      await put(strange.client)
      const log = logWith(files)
      try {
        await expect(log.describe(TOPIC)).rejects.toThrow()
        await put(certificates.client)
        await until(
          'the broker to take the renewed certificate',
          () => log.describe(TOPIC).then(Boolean, () => false),
          60_000,
        )
        // While the files are away, the last texts count.
        await rm(folder, { recursive: true })
        await until('a further connection', () => log.read(TOPIC, 0, 0).then(Boolean, () => false), 60_000)
      } finally {
        await log.close()
        await strange.close()
        await rm(folder, { recursive: true, force: true })
      }
    }, 150_000)

    test('a wrong password is one clear line, and it does not name the right one', async () => {
      const other = await openProgram({
        brokers: kafka.brokers.join(','),
        redisUrl: `rediss://:${secrets.redis}@127.0.0.1:${tlsPort}`,
        config: JSON.stringify({
          topic: { name: TOPIC, partitions: 2 },
          policy: { balance_basis: 'payable', paid_instalments: 'zero' },
        }),
        env: { ...env(), KAFKA_SASL_PASSWORD: 'not-the-password' },
      })
      const { code, stderr } = await other.run(['topics'])
      await other.close()
      expect(code).toBe(1)
      expect(stderr.trim().split('\n')).toHaveLength(1)
      expect(stderr).toMatch(/Kafka/)
      expect(stderr).not.toContain('not-the-password')
    }, 60_000)

    test('neither password is in what the process has said', () => {
      for (const secret of Object.values(secrets)) expect(all.output()).not.toContain(secret)
    })
  },
)
