import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { topicOf } from '../../consumers/ports/log.ts'
import { partitionOf } from '../../consumers/ports/partition.ts'
import { REROUTED_FROM } from '../../consumers/rerouting/reroute.ts'
import { shapesOf } from '../golden/golden-event.ts'
import { type Chain, openChain } from '../support/chain.ts'
import { readAll } from '../support/fold-log.ts'
import { type Client, isAtHand, type RealProducer, type Sent, startProducer } from '../support/real-producer.ts'
import { publisher } from '../support/school.ts'
import { until } from '../support/until.ts'

/** What ERPs publish with: librdkafka (PHP, Python, .NET, Go, Ruby) and the Java client, each as it is out of the box. */
const CLIENTS: readonly Client[] = ['librdkafka', 'java']
const CODECS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const
const SHAPES = ['bare', 'structured', 'binary'] as const
const PARTITIONS = 8

let chain: Chain
const running = new Set<RealProducer>()

beforeAll(async () => {
  chain = await openChain({
    partitions: PARTITIONS,
    policy: { balance_basis: 'outstanding', paid_instalments: 'omit' },
    waitMs: 1000,
  })
}, 120_000)
afterAll(async () => {
  await Promise.all([...running].map((producer) => producer.close()))
  await chain?.close()
})

const produce = async (client: Client, compression: string, transactionalId?: string): Promise<RealProducer> => {
  const producer = await startProducer(client, {
    topic: chain.topic,
    compression,
    ...(transactionalId && { transactionalId }),
  })
  running.add(producer)
  return producer
}

/** What a pull is answered that nothing is proven for, where no ERP can be asked. */
/** What a 503 says in `X-Pullgate-Reason`. */
const STALE = 'stale'

type School = ReturnType<typeof publisher>
const schoolOf = (source: string): School => publisher(chain.topic, PARTITIONS, source)
const shaped = ({ key, value }: Sent, shape: (typeof SHAPES)[number]): Sent => ({
  key,
  ...shapesOf(JSON.parse(Buffer.from(value!).toString()))[shape],
})

const feeOf = async (identifier: string): Promise<unknown> => {
  const { status, source, reason, body } = await chain.pull({ identifier })
  if (status !== 200) return reason ?? status
  return [
    source,
    (JSON.parse(body) as { data: { fee_components: { fee_amount: number }[] } }).data.fee_components[0]?.fee_amount,
  ]
}
const comesTo = (identifier: string, expected: unknown): Promise<void> =>
  until(
    `${identifier} to be answered ${JSON.stringify(expected)}`,
    async () => JSON.stringify(await feeOf(identifier)) === JSON.stringify(expected),
    60_000,
  )

describe.each(CLIENTS)('%s', (client) => {
  beforeEach(async (context) => {
    if (!(await isAtHand(client))) context.skip(`${client} is not at hand here, and could not be fetched`)
  }, 300_000)

  test.each(CODECS)(
    'is read from %s batches, in every shape of an event',
    async (codec) => {
      const producer = await produce(client, codec)
      const school = schoolOf(`/erp/${client}`)
      const ids = SHAPES.flatMap((shape) =>
        Array.from({ length: 8 }, (_, index) => [`${client} ${codec} ${shape} ${index}`, shape] as const),
      )
      for (const [id, shape] of ids)
        for (const record of [school.enrolled(id), school.assessed(id, 1000), school.paid(id, 'p', 1)])
          await producer.send(shaped(record, shape))
      await producer.tell('flush')
      for (const [id] of ids) await comesTo(id, ['projection', 999])
    },
    180_000,
  )

  test('may leave keys out: the partition is found by the identifier', async () => {
    const producer = await produce(client, 'none')
    const school = schoolOf(`/erp/${client}/keyless`)
    const ids = Array.from({ length: 12 }, (_, index) => `${client} keyless ${index}`)
    for (const id of ids)
      for (const record of [school.enrolled(id), school.assessed(id, 700)])
        await producer.send({ ...record, key: null })
    await producer.tell('flush')
    for (const id of ids) await comesTo(id, ['projection', 700])
  }, 180_000)

  test('shows nothing of a transaction until it is committed, and nothing ever of one that is aborted', async () => {
    const id = `${client} transacted`
    const source = `/erp/${client}/transacted`
    const plain = await produce(client, 'lz4')
    const school = schoolOf(source)
    for (const record of [school.enrolled(id), school.assessed(id, 500)]) await plain.send(record)
    await plain.tell('flush')
    await comesTo(id, ['projection', 500])

    const producer = await produce(client, 'zstd', `${chain.topic}-${client}`)
    const aborted = schoolOf(source)
    for (let skipped = 0; skipped < 2; skipped += 1) aborted.enrolled(id)
    await producer.tell('begin')
    await producer.send(aborted.feeChanged(id, 1))
    await producer.tell('flush')
    await comesTo(id, STALE)
    await producer.tell('abort')
    await comesTo(id, ['projection', 500])

    await producer.tell('begin')
    await producer.send(school.feeChanged(id, 600))
    await producer.tell('flush')
    await comesTo(id, STALE)
    await producer.tell('commit')
    await comesTo(id, ['projection', 600])
  }, 180_000)
})

test('what librdkafka’s own partitioner puts elsewhere is moved once, unchanged; Java’s puts everything right', async () => {
  const logs = await Promise.all(
    Array.from({ length: PARTITIONS }, (_, partition) => readAll(chain.log, chain.topic, partition)),
  )
  const all = logs.flat().map((record) => {
    const text = (name: string) => record.headers.find(([known]) => known === name)?.[1]
    const value = JSON.parse(Buffer.from(record.value!).toString()) as { source?: string; data?: object }
    const data = (value.data ?? value) as { student: { identifier: string } }
    return {
      record,
      id: data.student.identifier,
      source: value.source ?? Buffer.from(text('ce_source')!).toString(),
      from: text(REROUTED_FROM) && Buffer.from(text(REROUTED_FROM)!).toString(),
    }
  })
  const { identity } = (await chain.log.ends(chain.topic, [0])).get(0)!
  const copies = new Map(all.filter(({ from }) => from).map((one) => [one.from!, one]))
  expect(copies.size, 'no copy twice').toBe(all.filter(({ from }) => from).length)
  const wrong = all.filter(({ record, id, from }) => !from && partitionOf(id, PARTITIONS) !== record.partition)
  expect(wrong.length).toBe(copies.size)
  for (const { record, id } of wrong) {
    const copy = copies.get(`${chain.topic}/${record.partition}/${record.offset}`)!.record
    expect(copy.partition).toBe(partitionOf(id, PARTITIONS))
    expect(Buffer.from(copy.key!).toString()).toBe(id)
    expect(Buffer.from(copy.value!).equals(Buffer.from(record.value!))).toBe(true)
    expect(copy.timestampMs).toBe(record.timestampMs)
    expect(copy.headers.slice(0, -2)).toEqual(record.headers)
    expect(Buffer.from(copy.headers.at(-1)![1]!).toString()).toBe(topicOf(identity))
  }
  expect(wrong.some(({ source }) => source === '/erp/librdkafka')).toBe(await isAtHand('librdkafka'))
  expect(wrong.some(({ source }) => source === '/erp/java')).toBe(false)
  expect(await chain.counted('pullgate_misrouted_total')).toBe(wrong.length)
}, 60_000)
