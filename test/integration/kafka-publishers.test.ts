import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import kafkajs from 'kafkajs'
import lz4 from 'lz4-napi'
import snappy from 'snappy'
import { describe, expect, it } from 'vitest'
import { kafkaLog } from '../../src/kafka/kafka-log.ts'
import { collector, consuming, newName } from '../contract/log-harness.ts'
import { until } from '../support/until.ts'
import { kafkaBrokers, quiet } from './kafka-clients.ts'

const { CompressionCodecs, CompressionTypes, Kafka, logLevel, Partitioners } = kafkajs

type Encoder = { readonly buffer: Buffer }
const codec = (compress: (bytes: Buffer) => Buffer, decompress: (bytes: Buffer) => Buffer) => () => ({
  compress: async ({ buffer }: Encoder) => compress(buffer),
  decompress: async (buffer: Buffer) => decompress(buffer),
})
CompressionCodecs[CompressionTypes.Snappy] = codec(
  (bytes) => snappy.compressSync(bytes),
  (bytes) => snappy.uncompressSync(bytes) as Buffer,
)
CompressionCodecs[CompressionTypes.LZ4] = codec(
  (bytes) => lz4.compressFrameSync(bytes),
  (bytes) => lz4.decompressFrameSync(bytes),
)
CompressionCodecs[CompressionTypes.ZSTD] = codec(
  (bytes) => zstdCompressSync(bytes),
  (bytes) => zstdDecompressSync(bytes),
)

describe('the log on Kafka, beside other publishers', () => {
  it.each([
    ['gzip', CompressionTypes.GZIP],
    ['snappy', CompressionTypes.Snappy],
    ['lz4', CompressionTypes.LZ4],
    ['zstd', CompressionTypes.ZSTD],
  ])('reads what the broker accepted as %s', async (_, compression) => {
    const brokers = [...kafkaBrokers()]
    const log = kafkaLog({ brokers, clientId: 'reader', logger: quiet })
    const kafka = new Kafka({ brokers, logLevel: logLevel.NOTHING })
    const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner })
    await producer.connect()
    try {
      const topic = newName('t')
      await log.ensureTopics([{ name: topic, partitions: 1, settings: new Map() }])
      const values = Array.from({ length: 200 }, (_, i) => `${i} ${'x'.repeat(i)}`)
      const messages = values.map((value) => ({ key: 'k', value, headers: { h: 'v' } }))
      await producer.send({ topic, messages, compression })
      const seen = collector()
      await consuming(log, topic, newName('g'), seen, () => until('all', () => seen.next(0) === 200))
      expect(seen.texts()).toEqual(values)
    } finally {
      await Promise.all([producer.disconnect(), log.close()])
    }
  })

  it('tells lag tools, through the group’s committed offsets, where it is', async () => {
    const brokers = [...kafkaBrokers()]
    const log = kafkaLog({ brokers, clientId: 'reader', logger: quiet })
    const admin = new Kafka({ brokers, logLevel: logLevel.NOTHING }).admin()
    await admin.connect()
    const committed = async (groupId: string, topic: string) =>
      (await admin.fetchOffsets({ groupId, topics: [topic] }))[0]?.partitions[0]?.offset
    try {
      const [topic, group] = [newName('t'), newName('g')]
      await log.ensureTopics([{ name: topic, partitions: 1, settings: new Map() }])
      const seen = collector()
      const append = () => log.append([{ topic, partition: 0, key: null, value: null, headers: [] }])
      await append()
      await consuming(log, topic, group, seen, async () => {
        await until('a first commit', async () => (await committed(group, topic)) === '1')
        await append()
        await until('the second record', () => seen.next(0) === 2)
      })
      expect(await committed(group, topic)).toBe('2')
    } finally {
      await Promise.all([admin.disconnect(), log.close()])
    }
  })
})
