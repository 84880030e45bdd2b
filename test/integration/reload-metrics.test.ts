import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type PrivateRedis, privateRedis } from '../support/private-redis.ts'
import { openProgram, type Program, type Running } from '../support/program.ts'
import { sharedBrokers } from '../support/shared-kafka.ts'
import { until } from '../support/until.ts'

const topic = `test.${randomUUID()}`
const configOf = (branches: readonly string[]): string =>
  JSON.stringify({
    topic: { name: topic, partitions: 2 },
    policy: { balance_basis: 'payable', paid_instalments: 'omit' },
    branches: branches.map((code) => ({
      collector_code: code,
      heartbeat: { source: `/erp/${code}` },
      erp: { url: `http://127.0.0.1:9/${code}`, username: 'u', password: 'env:PULLGATE_TEST_RELOAD' },
    })),
  })

let redis: PrivateRedis
let program: Program

beforeAll(async () => {
  process.env['PULLGATE_TEST_RELOAD'] = 'secret'
  redis = await privateRedis()
  const redisUrl = `redis://127.0.0.1:${redis.port}`
  program = await openProgram({ brokers: sharedBrokers(), redisUrl, config: configOf(['A', 'B']) })
}, 60_000)
afterAll(async () => {
  await program?.close()
  await redis?.close()
  delete process.env['PULLGATE_TEST_RELOAD']
})

const metricsOf = async ({ metricsUrl }: Running) => (await fetch(`${metricsUrl}/metrics`)).text()
const untilMetrics = (running: Running, line: string) =>
  until(`"${line}" in the metrics`, async () => (await metricsOf(running)).includes(`\n${line}`), 60_000)

test('SIGHUP brings series for a new branch, takes those of a gone one, and tells how it went', async () => {
  const gateway = await program.start('gateway')
  const before = await metricsOf(gateway)
  expect(before).toContain('pullgate_erp_breaker_state{erp="B"} 0')
  expect(before).not.toContain('erp="D"')
  expect(before).toContain('pullgate_publisher_heartbeat_age_seconds{source="/erp/B"} +Inf')

  await program.rewrite(configOf(['A', 'C', 'D']))
  gateway.signal('SIGHUP')
  await untilMetrics(gateway, 'pullgate_erp_breaker_state{erp="D"} 0')
  const after = await metricsOf(gateway)
  expect(after).toContain('pullgate_erp_request_duration_seconds_count{erp="D",outcome="timeout"} 0')
  expect(after).toContain('pullgate_publisher_heartbeat_age_seconds{source="/erp/D"} +Inf')
  expect(after).not.toContain('{source="/erp/B"}')
  expect(after).toContain('pullgate_config_last_reload_successful 1')

  await program.rewrite('policy: none')
  gateway.signal('SIGHUP')
  await untilMetrics(gateway, 'pullgate_config_last_reload_successful 0')
  expect(await metricsOf(gateway)).toContain('pullgate_erp_breaker_state{erp="D"} 0')
  await program.rewrite(configOf(['A', 'B']))
}, 120_000)

test('SIGHUP does not end a projector, which reads its configuration at start alone', async () => {
  const projector = await program.start('projector')
  projector.signal('SIGHUP')
  await until('the projector to say so', () => projector.output().includes('restart it'), 60_000)
  expect(await metricsOf(projector)).toContain('pullgate_students_suspect')
}, 120_000)
