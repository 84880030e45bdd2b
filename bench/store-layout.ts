/**
 * What a layout of the projection costs in Redis: bytes per student over the payload, and Redis CPU per read and write.
 * `node bench/store-layout.ts [students]`; the figures are in docs/adr.
 */
import { randomBytes } from 'node:crypto'
import { Redis } from 'ioredis'
import { privateRedis } from '../test/support/private-redis.ts'

const students = Number(process.argv[2] ?? 50_000)
const payloadBytes = 1500
const partition = 3
const id = (n: number) => `STU-2026-${String(n).padStart(6, '0')}`
const payload = randomBytes(payloadBytes)

const server = await privateRedis()
const redis = new Redis({ port: server.port })

const info = async (section: string, field: string): Promise<number> =>
  Number(new RegExp(`^${field}:(.*)$`, 'm').exec(await redis.info(section))?.[1])
const usedCpu = async () => (await info('cpu', 'used_cpu_user')) + (await info('cpu', 'used_cpu_sys'))

type Layout = {
  readonly name: string
  readonly write: (n: number) => readonly [string, ...(string | Buffer)[]]
  readonly read: (ids: readonly number[]) => readonly (readonly [string, ...string[]])[]
}

const prefix = `pg:1:{${partition}}:`
const third = Math.floor(payloadBytes / 3)
const parts = [payload.subarray(0, third), payload.subarray(third, 2 * third), payload.subarray(2 * third)] as const
const records: readonly Layout[] = [
  {
    name: 'string per student, MGET with the checkpoint',
    write: (n) => ['set', `${prefix}s:${id(n)}`, payload],
    read: (ids) => [['mget', `${prefix}cp`, `${prefix}lease`, ...ids.map((n) => `${prefix}s:${id(n)}`)]],
  },
  {
    name: 'hash per student (answers, index, state), HMGET of two',
    write: (n) => ['hset', `${prefix}s:${id(n)}`, 'a', parts[0], 'i', parts[1], 's', parts[2]],
    read: (ids) => [
      ['mget', `${prefix}cp`, `${prefix}lease`],
      ...ids.map((n) => ['hmget', `${prefix}s:${id(n)}`, 'a', 'i'] as const),
    ],
  },
  {
    name: 'one hash per partition, field per student, HMGET',
    write: (n) => ['hset', `${prefix}s`, id(n), payload],
    read: (ids) => [
      ['mget', `${prefix}cp`, `${prefix}lease`],
      ['hmget', `${prefix}s`, ...ids.map(id)],
    ],
  },
]
const custom: readonly Layout[] = [
  {
    name: 'set per custom identifier',
    write: (n) => ['sadd', `${prefix}custom:ADM/${n}`, id(n)],
    read: (ids) => ids.map((n) => ['smembers', `${prefix}custom:ADM/${n}`]),
  },
  {
    name: 'string list per custom identifier',
    write: (n) => ['set', `${prefix}custom:ADM/${n}`, id(n)],
    read: (ids) => ids.map((n) => ['get', `${prefix}custom:ADM/${n}`]),
  },
  {
    name: 'one sorted set per partition, ZRANGEBYLEX',
    write: (n) => ['zadd', `${prefix}custom`, '0', `ADM/${n}\0${id(n)}`],
    read: (ids) => ids.map((n) => ['zrangebylex', `${prefix}custom`, `[ADM/${n}\0`, `(ADM/${n}\x01`]),
  },
]

const pipelined = async (commands: readonly (readonly [string, ...(string | Buffer)[]])[]) => {
  const pipeline = redis.pipeline()
  for (const [name, ...args] of commands) pipeline.call(name, ...args)
  await pipeline.exec()
}

const measure = async (layout: Layout, payloadPerStudent: number) => {
  await redis.flushall('SYNC')
  await redis.mset(`${prefix}cp`, '1 x', `${prefix}lease`, '1 1')
  const memoryBefore = await info('memory', 'used_memory')
  const cpuBefore = await usedCpu()
  for (let n = 0; n < students; n += 1000)
    await pipelined(Array.from({ length: Math.min(1000, students - n) }, (_, i) => layout.write(n + i)))
  const bytes = ((await info('memory', 'used_memory')) - memoryBefore) / students - payloadPerStudent
  const writeUs = (((await usedCpu()) - cpuBefore) / students) * 1e6
  const readUs: string[] = []
  for (const size of [1, 16]) {
    const rounds = Math.floor(40_000 / size)
    const start = await usedCpu()
    for (let round = 0; round < rounds; round++)
      await pipelined(layout.read(Array.from({ length: size }, (_, i) => (round * 7919 + i * 104_729) % students)))
    readUs.push(`${((((await usedCpu()) - start) / (rounds * size)) * 1e6).toFixed(1)} (${size} at once)`)
  }
  console.log(
    `${layout.name.padEnd(56)} ${bytes.toFixed(0).padStart(5)} B over the payload, write ${writeUs.toFixed(1)} µs, read ${readUs.join(', ')} µs of Redis CPU a student`,
  )
}

console.log(`redis ${/redis_version:(.*)/.exec(await redis.info('server'))?.[1]}, ${students} students`)
for (const layout of records) await measure(layout, payloadBytes)
for (const layout of custom) await measure(layout, 0)
redis.disconnect()
await server.close()
