import { afterAll, beforeAll, expect, test } from 'vitest'
import { type FakeErp, fakeErp } from '../support/fake-erp.ts'
import { active, studentBody } from '../support/fake-erp-students.ts'
import { freePort, openProgram, type Program, type Running } from '../support/program.ts'
import { expectAnswer } from '../support/pull-expectations.ts'
import { until } from '../support/until.ts'
import { basic, call, cheapHash } from './http-edge.ts'

/** The real program with nobody at the addresses of Kafka and Redis. */
const FIELDS = { identifier: 'S-1', collector_code: 'BLR-01' }
const headers = { authorization: basic('jodo', 's') }

let program: Program
let gateway: Running
let erp: FakeErp

beforeAll(async () => {
  erp = await fakeErp({ students: new Map([['S-1', [active(FIELDS)]]]) })
  process.env['ERP_PASSWORD'] ??= 'unused'
  program = await openProgram({
    brokers: `127.0.0.1:${await freePort()}`,
    redisUrl: `redis://127.0.0.1:${await freePort()}`,
    config: JSON.stringify({
      topic: { name: 'test.nowhere', partitions: 4 },
      policy: { balance_basis: 'payable', paid_instalments: 'omit' },
      erp: { url: erp.url, username: 'u', password: 'env:ERP_PASSWORD' },
      clients: [{ username: 'jodo', secrets: [cheapHash('s')], branches: 'all' }],
    }),
  })
  gateway = await program.start('gateway')
}, 90_000)
afterAll(async () => {
  await program?.close()
  await erp?.close()
}, 30_000)

const portOf = (): number => Number(new URL(gateway.url).port)

test('a gateway that never met Kafka and Redis answers from the ERP', async () => {
  const answer = await call(portOf(), '/fetch-student?identifier=S-1', { headers })
  const body = JSON.stringify(studentBody(FIELDS))
  expectAnswer(answer, { from: 'erp', status: 200, body, reason: 'store_unavailable' })
})

test('it is ready once it has waited for them, and says that they do not answer', async () => {
  const ready = () => fetch(`${gateway.metricsUrl}/readyz?verbose`)
  await until('the gateway to be ready', async () => (await ready()).status === 200, 60_000)
  expect(await (await ready()).text()).toMatch(/store does not answer.*log does not answer/s)
}, 90_000)

test('it ends on SIGTERM with 0', async () => {
  expect(await gateway.stop()).toBe(0)
}, 60_000)
