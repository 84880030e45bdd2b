import { randomBytes } from 'node:crypto'
import type { Log } from '../../consumers/ports/log.ts'
import { hashSecret } from '../../src/config/secret.ts'
import { type FakeErp, fakeErp } from '../support/fake-erp.ts'
import { type PrivateRedis, privateRedis } from '../support/private-redis.ts'
import { openProgram, type Program, type Running } from '../support/program.ts'
import { publisher } from '../support/school.ts'
import { freshTopic, openLog, sharedBrokers } from '../support/shared-kafka.ts'

const PARTITIONS = 4
const SOURCE = '/erp/test'

/** A gateway and a projector at work, two ERPs, a publisher with a heartbeat, and everything that can be wrong with them. */
export type TroubledSchool = {
  readonly gateway: Running
  readonly projector: Running
  readonly brokenErp: FakeErp
  readonly heartbeat: () => Promise<void>
  /** Whether the projection has taken in what was published first. */
  readonly isProjected: () => Promise<boolean>
  /** Hits, misses, failures, refusals; events good and bad, over Kafka and over HTTP. */
  readonly load: () => Promise<void>
  /** A pull that waits for a paused projector in vain. */
  readonly pullWhilePaused: () => Promise<void>
  readonly close: () => Promise<void>
}

export const troubledSchool = async (): Promise<TroubledSchool> => {
  const log: Log = openLog()
  const topic = await freshTopic(log, PARTITIONS)
  const redis: PrivateRedis = await privateRedis()
  const goodErp = await fakeErp()
  const brokenErp = await fakeErp()
  const secret = randomBytes(12).toString('base64url')
  const erpOf = ({ url }: FakeErp) => ({
    url,
    username: 'pullgate',
    password: 'env:PULLGATE_TEST_ERP',
    timeout_ms: 500,
    breaker: { error_percent: 50, volume: 3, reset_ms: 60_000 },
  })
  process.env['PULLGATE_TEST_ERP'] = 'secret'
  const config = JSON.stringify({
    topic: { name: topic, partitions: PARTITIONS },
    policy: { balance_basis: 'outstanding', paid_instalments: 'zero' },
    branches: [
      { collector_code: 'BLR-01', heartbeat: { source: SOURCE, max_age_ms: 4_000 }, erp: erpOf(goodErp) },
      { collector_code: 'DEL-02', erp: erpOf(brokenErp) },
    ],
    clients: [
      { username: 'jodo', secrets: [await hashSecret(secret)], branches: 'all', publish: [SOURCE] },
      { username: 'eager', secrets: [await hashSecret(secret)], branches: 'all', rate_limit: { per_second: 1 } },
    ],
  })
  const program: Program = await openProgram({
    brokers: sharedBrokers(),
    redisUrl: `redis://127.0.0.1:${redis.port}`,
    config,
  })
  const projector = await program.start('projector')
  const gateway = await program.start('gateway')

  const school = publisher(topic, PARTITIONS, SOURCE)
  const ids = Array.from({ length: 8 }, (_, index) => `S-${index}`)
  const headersOf = (user: string, password = secret) => ({
    Authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
  })
  const pull = async (query: string, user = 'jodo', password = secret) => {
    const response = await fetch(`${gateway.url}/fetch-student?${query}`, { headers: headersOf(user, password) })
    await response.arrayBuffer()
    return response.status
  }
  const post = async (event: object) => {
    const headers = { ...headersOf('jodo'), 'Content-Type': 'application/cloudevents+json' }
    const response = await fetch(`${gateway.url}/events`, { method: 'POST', headers, body: JSON.stringify(event) })
    await response.arrayBuffer()
  }
  const beat = (time: string) => ({ specversion: '1.0', id: time, source: SOURCE, type: 'erp.heartbeat.v1', time })
  let turn = 0

  const misfits = () => {
    turn += 1
    const bad = school.event('S-1', 'erp.fee.changed.v1', { component_type: 'TUITION', amount: 'much' })
    school.feeChanged('S-2', turn)
    const ahead = school.feeChanged('S-2', turn)
    const other = school.feeChanged('S-3', turn)
    return [bad, ahead, { ...other, partition: (other.partition + 1) % PARTITIONS }]
  }

  await log.append(ids.flatMap((id) => [school.enrolled(id), school.assessed(id, 5_000)]))
  return {
    gateway,
    projector,
    brokenErp,
    heartbeat: () => post(beat(new Date().toISOString())),
    isProjected: async () => (await pull('identifier=S-4')) === 200,
    load: async () => {
      await log.append([...ids.slice(4).map((id) => school.feeChanged(id, turn)), ...misfits()])
      await Promise.all([
        ...ids.map((id) => pull(`identifier=${id}&collector_code=BLR-01`)),
        pull('identifier=nobody&collector_code=BLR-01'),
        // Different students: the same lookup would share one call.
        ...Array.from({ length: 4 }, (_, i) => pull(`identifier=nobody-${turn}-${i}&collector_code=DEL-02`)),
        pull('identifier=S-4', 'jodo', 'wrong'),
        pull('identifier=S-4', 'eager'),
        pull('identifier=S-4', 'eager'),
        pull('identifier='),
      ])
    },
    pullWhilePaused: async () => {
      projector.signal('SIGSTOP')
      try {
        await log.append([school.feeChanged('S-4', 1)])
        await pull('identifier=S-4&collector_code=BLR-01')
      } finally {
        projector.signal('SIGCONT')
      }
    },
    close: async () => {
      projector.signal('SIGCONT')
      await program.close()
      await Promise.all([goodErp.close(), brokenErp.close(), redis.close(), log.close()])
      delete process.env['PULLGATE_TEST_ERP']
    },
  }
}
