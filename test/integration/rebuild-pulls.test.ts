import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Log } from '../../consumers/ports/log.ts'
import { hashSecret } from '../../src/config/secret.ts'
import { type PrivateRedis, privateRedis } from '../support/private-redis.ts'
import { openProgram, type Program, type Running } from '../support/program.ts'
import { publisher } from '../support/school.ts'
import { freshTopic, openLog, sharedBrokers } from '../support/shared-kafka.ts'
import { until } from '../support/until.ts'

const PARTITIONS = 2
const IDS = Array.from({ length: 20 }, (_, index) => `S-${index}`)

let log: Log
let redis: PrivateRedis
let program: Program
let running: Running
let school: ReturnType<typeof publisher>

beforeAll(async () => {
  log = openLog()
  const topic = await freshTopic(log, PARTITIONS)
  school = publisher(topic, PARTITIONS)
  redis = await privateRedis()
  // A pull may wait long on a slow machine: it is to be answered, and by the projection.
  const config = `timezone: Asia/Kolkata
topic: { name: ${topic}, partitions: ${PARTITIONS} }
policy: { balance_basis: outstanding, paid_instalments: zero }
freshness: { wait_ms: 9000 }
clients:
  - username: jodo
    secrets: ["${await hashSecret('secret')}"]
    branches: all
`
  program = await openProgram({ brokers: sharedBrokers(), redisUrl: `redis://127.0.0.1:${redis.port}`, config })
  await log.append(IDS.flatMap((id) => [school.enrolled(id), school.assessed(id, 5000)]))
  running = await program.start('all')
}, 60_000)
afterAll(async () => {
  await program?.close()
  await redis?.close()
  await log?.close()
})

const pull = async (id: string) => {
  const headers = { authorization: `Basic ${Buffer.from('jodo:secret').toString('base64')}` }
  const response = await fetch(`${running.url}/fetch-student?identifier=${id}`, { headers })
  return { status: response.status, source: response.headers.get('x-pullgate-source'), body: await response.text() }
}

it('every pull right after its event is answered with it, from the projection, all through a rebuild and the way back', async () => {
  await until('it answers', async () => (await pull('S-0')).status === 200, 40_000)
  let over = false
  const commands = (async () => {
    const built = await program.run(['rebuild'])
    const back = await program.run(['rebuild', '--rollback'])
    over = true
    return [built.code, back.code]
  })()
  let round = 0
  for (; !over; round++) {
    const id = IDS[round % IDS.length]!
    await log.append([school.feeChanged(id, 100 + round)])
    const { status, source, body } = await pull(id)
    expect({ status, source }).toEqual({ status: 200, source: 'projection' })
    expect(body).toContain(`"fee_amount":${100 + round}}`)
  }
  expect(await commands).toEqual([0, 0])
  expect(round).toBeGreaterThan(5)
}, 120_000)
