/**
 * The Redis store through its own port: records made visible a second, and students read a second, with the CPU that
 * this process and Redis spend. `node bench/store-calls.ts`; the figures are in docs/adr.
 */
import { randomBytes } from 'node:crypto'
import type { StudentId } from '../projections/values/ids.ts'
import { redisConnection } from '../src/redis/connection.ts'
import { redisStore } from '../src/redis/store.ts'
import { privateRedis } from '../test/support/private-redis.ts'

const payload = randomBytes(1500)
const total = 200_000

const server = await privateRedis()
const connection = redisConnection({ kind: 'single', host: '127.0.0.1', port: server.port }, { deadlineMs: 5000 })
await connection.whenReady(5000)
const { writer, reader, admin } = redisStore(connection, 16)
await admin.activate(null, 1)

const redisCpuMs = async (): Promise<number> => {
  const info = await connection.run((client) => client.info('cpu'))
  const field = (name: string) => Number(new RegExp(`^${name}:(.*)$`, 'm').exec(info)?.[1])
  return 1000 * (field('used_cpu_user') + field('used_cpu_sys'))
}

const measure = async (what: string, count: number, work: () => Promise<unknown>) => {
  const redisBefore = await redisCpuMs()
  const ownBefore = process.cpuUsage()
  const start = performance.now()
  await work()
  const seconds = (performance.now() - start) / 1000
  const own = process.cpuUsage(ownBefore)
  const ownUs = (own.user + own.system) / count
  const redisUs = (1000 * ((await redisCpuMs()) - redisBefore)) / count
  const rate = Math.round(count / seconds).toLocaleString('en')
  console.log(
    `${what.padEnd(36)} ${rate.padStart(9)}/s, ${ownUs.toFixed(1)} µs here, ${redisUs.toFixed(1)} µs in Redis`,
  )
}

const empty = { customAdded: [], customRemoved: [], suspectAdded: [], suspectRemoved: [], misrouting: [] }
const ids = Array.from({ length: total }, (_, i) => `STU-2026-${i}` as StudentId)

for (const size of [1, 10, 100, 1000, 5000]) {
  const generation = size === 1000 ? 1 : size + 1
  const count = size === 1 ? 10_000 : total
  await measure(`apply, ${size} records a batch`, count, async () => {
    for (let from = 0; from < count; from += size) {
      const records = new Map(ids.slice(from, from + size).map((id) => [id, payload]))
      const checkpoint = { next: from + size, metadata: 'x' }
      const expected = from === 0 ? null : from
      const result = await writer.apply({
        ...empty,
        generation,
        partition: 3,
        expected,
        checkpoint,
        records,
        heartbeats: new Map(),
      })
      if (result.kind !== 'applied') throw new Error(result.kind)
    }
  })
  if (generation !== 1) await admin.removeGeneration(generation)
}

for (const callers of [1, 8, 64]) {
  const count = 100_000
  await measure(`student, ${callers} pulls side by side`, count, () =>
    Promise.all(
      Array.from({ length: callers }, async (_, caller) => {
        for (let i = caller; i < count; i += callers) {
          const { record } = await reader.student(3, ids[(i * 7919) % total]!)
          if (record === null) throw new Error('a student is missing')
        }
      }),
    ),
  )
}
await connection.close()
await server.close()
