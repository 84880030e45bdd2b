import { Redis } from 'ioredis'
import { type Log, type LogRecord, topicOf } from '../../../consumers/ports/log.ts'
import { mayExpire } from '../../../src/redis/keys.ts'

/** What a former version left behind: its topic's records and every key of its Redis, byte for byte. */
export type Stored = {
  readonly madeBy: string
  readonly foldVersion: number
  readonly topic: string
  /** The topic's id, which a checkpoint names. */
  readonly identity: string
  readonly partitions: number
  readonly records: readonly StoredRecord[]
  readonly keys: readonly StoredKey[]
}
/** Of the topic of dead letters where `isLetter`. */
export type StoredRecord = {
  readonly isLetter: boolean
  readonly partition: number
  readonly timestampMs: number
  readonly key: string | null
  readonly value: string | null
  readonly headers: readonly (readonly [name: string, value: string | null])[]
}
export type StoredKey = readonly [key: string, type: 'string' | 'set' | 'zset' | 'hash', values: readonly string[]]

const BYTES = 'base64'
const text = (bytes: Uint8Array | null): string | null => (bytes === null ? null : Buffer.from(bytes).toString(BYTES))

const READ = { string: 'get', set: 'smembers', zset: 'zrange', hash: 'hgetall' } as const
const WRITE = { string: 'set', set: 'sadd', zset: 'zadd', hash: 'hset' } as const

/** All keys but short-lived ones, in order; members of a sorted set have score 0. */
export const readKeys = async (port: number): Promise<readonly StoredKey[]> => {
  const redis = new Redis(port, '127.0.0.1')
  try {
    const names = (await redis.keys('*')).filter((key) => !mayExpire(key)).toSorted()
    return await Promise.all(
      names.map(async (key): Promise<StoredKey> => {
        const type = (await redis.type(key)) as keyof typeof READ
        const range = type === 'zset' ? [0, -1] : []
        const found = (await redis.callBuffer(READ[type], key, ...range)) as Buffer | readonly Buffer[] | object
        // The client makes an object of a hash.
        const isPlain = Buffer.isBuffer(found) || Array.isArray(found)
        const values: readonly Buffer[] = [isPlain ? found : Object.entries(found).flat()].flat().map(Buffer.from)
        return [key, type, values.map((value) => value.toString(BYTES))]
      }),
    )
  } finally {
    redis.disconnect()
  }
}

/** Puts the keys into an empty Redis, for a topic of another name and id. */
export const writeKeys = async (port: number, stored: Stored, topic: string, identity: string): Promise<void> => {
  const redis = new Redis(port, '127.0.0.1')
  try {
    for (const [key, type, values] of stored.keys) {
      const bytes = values.map((value) => Buffer.from(value, BYTES))
      const isNaming = key.endsWith(':cp') || key.endsWith(':topic') || key.endsWith(':scouted')
      const own = isNaming ? bytes.map((value) => renamed(value, stored, topic, identity)) : bytes
      const args = type === 'zset' ? own.flatMap((value) => ['0', value]) : own
      await redis.call(WRITE[type], key, ...args)
    }
  } finally {
    redis.disconnect()
  }
}

const renamed = (value: Buffer, stored: Stored, topic: string, identity: string): Buffer =>
  Buffer.from(value.toString().replaceAll(stored.topic, topic).replaceAll(stored.identity, identity))

export const numbersOf = (partitions: number): readonly number[] => Array.from({ length: partitions }, (_, n) => n)

const letters = (topic: string): string => `${topic}.dlq`

const readTopic = async (log: Log, topic: string, partitions: number): Promise<readonly LogRecord[]> => {
  const records: LogRecord[] = []
  for (const [partition, { next }] of await log.ends(topic, numbersOf(partitions)))
    for (let from = 0; from < next; ) {
      const batch = await log.read(topic, partition, from)
      records.push(...(batch?.records ?? []))
      from = batch?.next ?? next
    }
  return records
}

export const readRecords = async (log: Log, topic: string, partitions: number): Promise<readonly StoredRecord[]> => {
  const kinds = [false, true].map(async (isLetter) => {
    const records = await readTopic(log, isLetter ? letters(topic) : topic, partitions)
    return records.map(({ partition, timestampMs, key, value, headers }) => ({
      ...{ isLetter, partition, timestampMs, key: text(key), value: text(value) },
      headers: headers.map(([name, bytes]) => [name, text(bytes)] as const),
    }))
  })
  return (await Promise.all(kinds)).flat()
}

const bytesOf = (value: string | null): Buffer | null => (value === null ? null : Buffer.from(value, BYTES))

/** Their offsets are those of the former topic: a partition's records are written in order, without gaps. */
export const writeRecords = async (log: Log, stored: Stored, topic: string): Promise<void> => {
  const made = stored.records.map(({ isLetter, key, value, headers, ...record }) => ({
    ...record,
    topic: isLetter ? letters(topic) : topic,
    key: bytesOf(key),
    value: bytesOf(value),
    headers: headers.map(([name, bytes]) => [name, headerOf(name, bytes, topic)] as const),
  }))
  await log.append(made)
}

const headerOf = (name: string, value: string | null, topic: string): Buffer | null =>
  name === 'pullgate-topic' ? Buffer.from(topic) : bytesOf(value)

/** The topic's id, which a checkpoint names. */
export const topicIdOf = async (log: Log, topic: string): Promise<string> => {
  const [end] = (await log.ends(topic, [0])).values()
  if (end === undefined) throw new Error(`no leader answers for ${topic}`)
  return topicOf(end.identity)
}
