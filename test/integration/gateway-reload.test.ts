import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type FakeErp, fakeErp } from '../support/fake-erp.ts'
import { refusal } from '../support/fake-erp-students.ts'
import { privateRedis } from '../support/private-redis.ts'
import { openProgram, type Program, type Running } from '../support/program.ts'
import { sharedBrokers } from '../support/shared-kafka.ts'
import { until } from '../support/until.ts'
import { basic, cheapHash } from './http-edge.ts'

/** SIGHUP on the real program: clients, branches and ERPs change under load, and no request is dropped for it. */
let redis: Awaited<ReturnType<typeof privateRedis>>
let program: Program
let gateway: Running
const erps: FakeErp[] = []
const topic = `test.${randomUUID()}`

const configWith = (erp: FakeErp, secrets: readonly string[]): string =>
  JSON.stringify({
    topic: { name: topic, partitions: 4 },
    policy: { balance_basis: 'payable', paid_instalments: 'omit' },
    branches: [
      {
        collector_code: 'BLR-01',
        erp: {
          url: erp.url,
          probe: 'off',
          username: 'u',
          password: 'env:ERP_PASSWORD',
          max_concurrent: 100,
          breaker: { volume: 10_000 },
        },
      },
    ],
    clients: [{ username: 'jodo', secrets: secrets.map(cheapHash), branches: 'all' }],
  })

const pull = async (secret: string): Promise<{ status: number; said: string }> => {
  const query = `identifier=${randomUUID()}&collector_code=BLR-01`
  const headers = { authorization: basic('jodo', secret) }
  const response = await fetch(`${gateway.url}/fetch-student?${query}`, { headers })
  const { message } = (await response.json()) as { message: string }
  return { status: response.status, said: message }
}

beforeAll(async () => {
  redis = await privateRedis()
  for (const name of ['old', 'new']) {
    const erp = await fakeErp()
    const body = JSON.stringify(refusal('student_not_found', `the ${name} ERP`).body)
    await erp.behave({ kind: 'bytes', body, status: 422 })
    erps.push(erp)
  }
  process.env['ERP_PASSWORD'] ??= 'unused'
  program = await openProgram({
    brokers: sharedBrokers(),
    redisUrl: `redis://127.0.0.1:${redis.port}`,
    config: configWith(erps[0]!, ['first']),
  })
  gateway = await program.start('gateway')
}, 90_000)
afterAll(async () => {
  await program?.close()
  await Promise.all(erps.map((erp) => erp.close()))
  await redis?.close()
}, 60_000)

test('another ERP and another secret take over while pulls go on, each of which is answered', async () => {
  const [oldErp, newErp] = erps as [FakeErp, FakeErp]
  let secret = 'first'
  let running = true
  const seen: { status: number; said: string }[] = []
  const asker = async (): Promise<void> => {
    while (running) seen.push(await pull(secret))
  }
  const askers = Array.from({ length: 4 }, asker)
  await until('some pulls', () => seen.length > 20)

  await program.rewrite(configWith(newErp, ['first', 'second']))
  gateway.signal('SIGHUP')
  await until('the new ERP to answer', () => seen.at(-1)?.said === 'the new ERP')
  secret = 'second'
  const sofar = seen.length
  await until('more pulls', () => seen.length > sofar + 20)
  await program.rewrite(configWith(newErp, ['second']))
  gateway.signal('SIGHUP')
  await until('the first secret to be gone', async () => (await pull('first')).status === 401)
  running = false
  await Promise.all(askers)
  expect(new Set(seen.map(({ status }) => status))).toEqual(new Set([422]))
  expect(new Set(seen.map(({ said }) => said))).toEqual(new Set(['the old ERP', 'the new ERP']))
  const calls = oldErp.calls()
  expect((await pull('second')).said).toBe('the new ERP')
  expect(oldErp.calls()).toBe(calls)
}, 60_000)

test('a file that is not valid is refused with its problems, and the old one stays', async () => {
  await program.rewrite('clients: [{ username: jodo }]\nnonsense: 1')
  gateway.signal('SIGHUP')
  await until('the refusal', () => gateway.output().includes('is not valid; the old one stays'))
  expect(gateway.output()).toMatch(/nonsense/)
  expect(gateway.output()).toMatch(/clients\[0\]\.secrets/)
  expect(await pull('second')).toEqual({ status: 422, said: 'the new ERP' })
})
