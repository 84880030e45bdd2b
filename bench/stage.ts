import { randomBytes } from 'node:crypto'
import type { Log } from '../consumers/ports/log.ts'
import { hashSecret } from '../src/config/secret.ts'
import { type PrivateRedis, privateRedis } from '../test/support/private-redis.ts'
import { openProgram, type Program, type Running } from '../test/support/program.ts'
import { freshTopic, openLog, sharedBrokers } from '../test/support/shared-kafka.ts'
import { until } from '../test/support/until.ts'
import { calledFor } from './profiles.ts'
import { idOf, PARTITIONS, type Shape, type World, world } from './world.ts'

/** Everything that a section measures on: a topic with a school group in it, and the program's processes. */
export type Stage = {
  readonly log: Log
  readonly topic: string
  readonly world: World
  readonly redis: PrivateRedis
  readonly redisUrl: string
  /** `user:secret` */
  readonly auth: string
  readonly headers: Readonly<Record<string, string>>
  /** On the stage's own Redis, unless another is named. */
  readonly program: (freshness: 'strict' | 'bounded', redisUrl?: string) => Promise<Program>
  readonly pullUrl: (running: Running, index: number) => string
  readonly close: () => Promise<void>
}

const APPEND_AT_ONCE = 5_000

export type StageOptions = {
  readonly shape?: Shape
  /** The whole group's ERP; none, unless given. */
  readonly erpUrl?: string
}

export const openStage = async (students: number, { shape, erpUrl }: StageOptions = {}): Promise<Stage> => {
  const log = openLog()
  const topic = await freshTopic(log, PARTITIONS)
  const redis = await privateRedis()
  const ownUrl = `redis://127.0.0.1:${redis.port}`
  const secret = randomBytes(12).toString('base64url')
  const hash = await hashSecret(secret)
  const group = world(topic, 1, PARTITIONS, shape)
  const programs: Program[] = []
  await appendAll(log, function* () {
    for (let index = 0; index < students; index += 1) yield* group.begin(index)
  })
  return {
    log,
    topic,
    world: group,
    redis,
    redisUrl: ownUrl,
    auth: `bench:${secret}`,
    headers: { Authorization: `Basic ${Buffer.from(`bench:${secret}`).toString('base64')}` },
    program: async (mode, redisUrl = ownUrl) => {
      const program = await openProgram({
        brokers: sharedBrokers(),
        redisUrl,
        env: { ERP_PASSWORD: 'unused' },
        config: JSON.stringify({
          topic: { name: topic, partitions: PARTITIONS },
          policy: { balance_basis: 'net_of_direct', paid_instalments: 'omit' },
          freshness: { mode },
          ...(erpUrl !== undefined && { erp: { url: erpUrl, username: 'u', password: 'env:ERP_PASSWORD' } }),
          clients: [{ username: 'bench', secrets: [hash], branches: 'all' }],
        }),
      })
      programs.push(program)
      return {
        ...program,
        start: async (role) => {
          const running = await program.start(role)
          calledFor(running.pid, `${role}-${mode}`)
          return running
        },
      }
    },
    pullUrl: ({ url }, index) => `${url}/fetch-student?identifier=${idOf(index)}`,
    close: async () => {
      await Promise.all(programs.map((program) => program.close()))
      await redis.close()
      await log.close()
    },
  }
}

/** In calls of some thousand records each. */
export const appendAll = async (
  log: Log,
  records: () => Iterable<Parameters<Log['append']>[0][number]>,
): Promise<number> => {
  let batch: Parameters<Log['append']>[0][number][] = []
  let count = 0
  for (const record of records()) {
    batch.push(record)
    count += 1
    if (batch.length < APPEND_AT_ONCE) continue
    await log.append(batch)
    batch = []
  }
  if (batch.length > 0) await log.append(batch)
  return count
}

/** Waits until pulls of so many students, on all partitions, are answered by the projection. */
export const caughtUp = async (stage: Stage, gateway: Running, students: number): Promise<void> => {
  for (let index = Math.max(0, students - 64); index < students; index += 1)
    await answered(stage, gateway, index, 900_000)
}

/** Waits until a pull of the student is answered by the projection; resolves to the body. */
export const answered = async (stage: Stage, gateway: Running, index: number, withinMs = 120_000): Promise<string> => {
  let body = ''
  await until(
    'the projection to answer',
    async () => {
      const response = await fetch(stage.pullUrl(gateway, index), { headers: stage.headers }).catch(() => null)
      body = (await response?.text()) ?? ''
      return response?.status === 200 && response.headers.get('x-pullgate-source') === 'projection'
    },
    withinMs,
  )
  return body
}
