import { Agent, get } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { hashSecret } from '../../src/config/secret.ts'
import { type FakeErp, fakeErp } from '../support/fake-erp.ts'
import { type PrivateRedis, privateRedis } from '../support/private-redis.ts'
import { openProgram, type Program, type Running } from '../support/program.ts'
import { freshTopic, openLog, sharedBrokers } from '../support/shared-kafka.ts'
import { until } from '../support/until.ts'

const CLIENTS = 12
const SECRET = 'only-for-this-test'
const log = openLog()
let redis: PrivateRedis
let erp: FakeErp
let program: Program

beforeAll(async () => {
  const topic = await freshTopic(log, 2)
  redis = await privateRedis()
  erp = await fakeErp()
  // Every pull is in progress for a while, so that the drain finds some.
  await erp.behave({ kind: 'slow', ms: 150 })
  program = await openProgram({
    brokers: sharedBrokers(),
    redisUrl: `redis://127.0.0.1:${redis.port}`,
    config: JSON.stringify({
      topic: { name: topic, partitions: 2 },
      policy: { balance_basis: 'payable', paid_instalments: 'zero' },
      erp: { url: erp.url, username: 'u', password: 'env:ERP_PASSWORD', max_concurrent: 50 },
      clients: [{ username: 'jodo', secrets: [await hashSecret(SECRET)], branches: 'all' }],
    }),
    env: { ERP_PASSWORD: 'only-for-this-test' },
  })
})

afterAll(async () => {
  await program?.close()
  await erp?.close()
  await redis?.close()
  await log.close()
})

/** As load balancers do: keeps connections, and sends where readiness was good when it looked last, a little ago. */
const balancer = (gateways: readonly Running[]) => {
  const agent = new Agent({ keepAlive: true })
  const ready = new Set(gateways)
  const look = async (): Promise<void> => {
    for (const gateway of gateways) {
      const response = await fetch(`${gateway.metricsUrl}/readyz`).catch(() => null)
      if (response?.ok) ready.add(gateway)
      else ready.delete(gateway)
    }
  }
  const timer = setInterval(() => void look(), 100)
  let turn = 0
  const send = (identifier: string): Promise<number> =>
    new Promise((resolve, reject) => {
      const list = [...ready]
      const { url } = list[turn++ % list.length]!
      const request = get(
        `${url}/fetch-student?identifier=${identifier}`,
        { agent, auth: `jodo:${SECRET}` },
        (response) => {
          response.resume().on('end', () => resolve(response.statusCode!))
        },
      )
      request.on('error', reject)
    })
  const close = (): void => {
    clearInterval(timer)
    agent.destroy()
  }
  return { send, look, close }
}

test('a gateway that is told to end under load answers every request, and the load goes to the other', async () => {
  const [ending, staying] = [await program.start('gateway'), await program.start('gateway')]
  const balanced = balancer([ending, staying])
  const outcomes = new Map<number | string, number>()
  let sent = 0
  let stopped = false
  const client = async (): Promise<void> => {
    while (!stopped) {
      const outcome = await balanced.send(`S-${sent++}`).catch((error: Error) => String(error))
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
    }
  }
  await balanced.look()
  const clients = Array.from({ length: CLIENTS }, client)
  await until('the load to run', () => sent > 10 * CLIENTS, 30_000)

  ending.signal('SIGTERM')
  const exited = await ending.exited
  const before = sent
  await until('the load to run on', () => sent > before + 5 * CLIENTS, 30_000)
  stopped = true
  await Promise.all(clients)
  balanced.close()

  expect(exited).toBe(0)
  // The ERP knows none of them: a definite word each, and nothing else.
  expect([...outcomes.keys()]).toEqual([422])
  expect(await staying.stop()).toBe(0)
}, 90_000)
