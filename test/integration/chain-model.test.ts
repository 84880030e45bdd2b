import kafkajs from 'kafkajs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { topicOf } from '../../consumers/ports/log.ts'
import { partitionOf } from '../../consumers/ports/partition.ts'
import { redisConnection } from '../../src/redis/connection.ts'
import { redisStore } from '../../src/redis/store.ts'
import { modelOf, type World } from '../model/model.ts'
import { type Chain, openChain } from '../support/chain.ts'
import { foldLog } from '../support/fold-log.ts'
import { generateHistory, type Publication } from '../support/generate.ts'
import { randomOf } from '../support/generate-random.ts'
import { hostileInputs } from '../support/hostile.ts'
import { setUp } from '../support/hostile-input.ts'
import { expectedOf, lettersIn, lettersOf, modelLog, queriesOf, saidIn } from '../support/real-log.ts'
import { sharedBrokers } from '../support/shared-kafka.ts'
import { until } from '../support/until.ts'

/**
 * The whole chain against the independent model: random events with every mischief that there is, into Kafka, through the
 * processes of projector and gateway, and every answer byte for byte.
 */
const SEED = Number(process.env['PULLGATE_FIRST_SEED'] ?? 1)
const PARTITIONS = 16
/** More for a night, less for a glance. */
const EFFORT = Number(process.env['PULLGATE_EFFORT'] ?? 1)
const STUDENTS = Math.ceil(1200 * EFFORT)
const TIMEZONE = 'Asia/Kolkata'
const POLICY = { balance_basis: 'net_of_direct', paid_instalments: 'omit' } as const
const ALL = Array.from({ length: PARTITIONS }, (_, partition) => partition)

let chain: Chain

beforeAll(async () => {
  chain = await openChain({ partitions: PARTITIONS, policy: POLICY })
}, 120_000)
afterAll(() => chain?.close())

const today = (): string => new Intl.DateTimeFormat('en-CA', { timeZone: TIMEZONE }).format(new Date())

/** Where a record lies that its publisher has put by the key alone. */
const landed = ({ partition, key }: Publication): number => partition ?? partitionOf(key!.toString(), PARTITIONS)

/** Hostile inputs among the others, each after what sets its student up. */
const hostile = (): Publication[] =>
  hostileInputs().flatMap(({ student, headers, key, value }, index) => {
    const partition = student === null ? index % PARTITIONS : partitionOf(student, PARTITIONS)
    const before = student === null ? [] : setUp(student)
    return [...before, { headers, key, value }].map((record) => ({
      ...record,
      partition,
      timestampMs: 1_780_000_000_000,
    }))
  })

/** As many of the first ones as a broker takes at once. */
const fitting = (published: readonly Publication[]): readonly Publication[] => {
  let bytes = 0
  const end = published.findIndex(({ value }) => {
    bytes += value?.length ?? 0
    return bytes > 1_000_000
  })
  return end < 0 ? published : published.slice(0, Math.max(end, 1))
}

/** In transactions, plain sends and aborted transactions, as the chance wants it. */
const publish = async (published: readonly Publication[]): Promise<void> => {
  const random = randomOf(SEED)
  const kafka = new kafkajs.Kafka({ brokers: sharedBrokers().split(','), logLevel: kafkajs.logLevel.NOTHING })
  const producer = kafka.producer({
    idempotent: true,
    maxInFlightRequests: 1,
    transactionalId: `${chain.topic}.producer`,
    createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
  })
  await producer.connect()
  try {
    for (let at = 0; at < published.length; ) {
      const some = fitting(published.slice(at, at + 1 + random.below(700)))
      at += some.length
      const messages = some.map((one) => ({
        partition: landed(one),
        key: one.key,
        value: one.value,
        timestamp: String(one.timestampMs),
        headers: Object.fromEntries(one.headers),
      }))
      const transaction = await producer.transaction()
      await transaction.send({ topic: chain.topic, messages })
      if (random.chance(0.25)) {
        await transaction.abort()
        at -= some.length
      } else await transaction.commit()
    }
  } finally {
    await producer.disconnect()
  }
}

const settled = async (): Promise<void> => {
  const connection = redisConnection(
    { kind: 'single', host: '127.0.0.1', port: chain.redis.port },
    { deadlineMs: 5000 },
  )
  await connection.whenReady(5000)
  const store = redisStore(connection, PARTITIONS)
  try {
    await until(
      'the projector to reach the end, copies included',
      async () => {
        const ends = await chain.log.endOffsets(chain.topic, ALL)
        const at = await store.reader.partitions()
        return at.every(({ partition, checkpoint }) => checkpoint?.next === ends.get(partition))
      },
      300_000,
    )
  } finally {
    await store.admin.close()
  }
}

const worldNow = async (): Promise<World> => {
  const { identity } = (await chain.log.ends(chain.topic, [0])).get(0)!
  return modelOf(
    await modelLog(chain.log, chain.topic, PARTITIONS),
    { ...POLICY, timezone: TIMEZONE },
    { name: chain.topic, id: topicOf(identity), partitions: PARTITIONS },
  )
}

/** Every answer that the model gives, and the gateway. */
const compare = async (isAsked: (identifier: string) => boolean): Promise<number> => {
  const world = await worldNow()
  expect(await lettersIn(chain.log, chain.topic, PARTITIONS)).toEqual(lettersOf(world.deadLetters))
  const queries = queriesOf(world).filter(({ identifier }) => isAsked(identifier))
  const wrong: object[] = []
  const ask = async (): Promise<void> => {
    for (let query = queries.pop(); query; query = queries.pop()) {
      const day = today()
      const pulled = await chain.pull(query)
      const [said, expected] = [saidIn(pulled), expectedOf(world, query, day)]
      if (said !== expected && day === today()) wrong.push({ query, said, expected })
    }
  }
  const asked = queries.length
  await Promise.all(Array.from({ length: 8 }, ask))
  expect(wrong.slice(0, 5), `${wrong.length} of ${asked} answers`).toEqual([])
  return asked
}

const storedBytes = async (ids: readonly string[]): Promise<ReadonlyMap<string, string>> => {
  const connection = redisConnection(
    { kind: 'single', host: '127.0.0.1', port: chain.redis.port },
    { deadlineMs: 5000 },
  )
  await connection.whenReady(5000)
  const store = redisStore(connection, PARTITIONS)
  try {
    const generation = (await store.admin.activeGeneration())!
    const found = new Map<string, string>()
    for (const id of ids) {
      const [bytes] = await store.writer.load(generation, partitionOf(id, PARTITIONS), [id as never])
      found.set(id, bytes ? Buffer.from(bytes).toString('base64') : '')
    }
    return found
  } finally {
    await store.admin.close()
  }
}

test('tens of thousands of random events, and every answer is the model’s, byte for byte', async () => {
  const published = generateHistory(SEED, {
    students: STUDENTS,
    partitions: PARTITIONS,
    trouble: 0.5,
    misrouting: 0.15,
  })
  expect(published.length).toBeGreaterThan(18_000 * EFFORT)
  await publish([...published, ...hostile()])
  await settled()
  expect(await compare(() => true)).toBeGreaterThan(2 * STUDENTS)
  const misrouted = await chain.counted('pullgate_misrouted_total')
  expect(misrouted).toBeGreaterThan(500 * EFFORT)
}, 600_000)

test('an operator decides upon what is open, and every answer is the model’s still', async () => {
  const { deadLetters } = await worldNow()
  const suspects = new Set(deadLetters.filter(({ settled }) => !settled).flatMap(({ identifier }) => identifier ?? []))
  const some = [...suspects].filter((id) => !id.startsWith('-')).slice(0, 8)
  expect(some).toHaveLength(8)
  for (const [index, id] of some.entries()) {
    const action = (['discard', 'replay'] as const)[index % 2]!
    const { code, stderr } = await chain.program.run(['dlq', action, id, ...(index % 3 === 0 ? ['--force'] : [])])
    expect([0, 1], stderr).toContain(code)
  }
  await settled()
  const [chosen, random] = [new Set(some), randomOf(SEED)]
  expect(await compare((id) => chosen.has(id) || random.chance(0.1))).toBeGreaterThan(some.length)
}, 600_000)

test('the projection is byte for byte what the log folds to from its start, and so is one that is built anew', async () => {
  const truth = await foldLog(chain.log, chain.topic, PARTITIONS, POLICY, TIMEZONE)
  const expected = new Map([...truth].map(([id, bytes]) => [id as string, bytes.toString('base64')]))
  expect(await storedBytes([...expected.keys()])).toEqual(expected)

  const ends = await chain.log.endOffsets(chain.topic, ALL)
  await chain.projector().stop()
  await chain.redis.kill()
  await chain.redis.start()
  await chain.restart()
  await settled()
  expect(await storedBytes([...expected.keys()])).toEqual(expected)
  expect(await chain.log.endOffsets(chain.topic, ALL), 'nothing is rerouted twice').toEqual(ends)
}, 600_000)
