import fc from 'fast-check'
import kafkajs from 'kafkajs'
import { describe, expect, it } from 'vitest'
import { murmur2, partitionOf, partitionOfKey } from '../../../../consumers/ports/partition.ts'

const kafkajsPartition = (key: string | Buffer, partitions: number): number =>
  kafkajs.Partitioners.DefaultPartitioner()({
    topic: 't',
    partitionMetadata: Array.from({ length: partitions }, (_, partitionId) => ({
      partitionErrorCode: 0,
      partitionId,
      leader: 0,
      replicas: [],
      isr: [],
    })),
    message: { key, value: null },
  })

describe('the partition of an identifier', () => {
  it('rests on the hash that Kafka’s own tests name', () => {
    const known = {
      '21': -973932308,
      foobar: -790332482,
      'a-little-bit-long-string': -985981536,
      'a-little-bit-longer-string': -1486304829,
      lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8: -58897971,
      abc: 479470107,
    }
    for (const [text, hash] of Object.entries(known)) {
      const bytes = Buffer.from(text)
      expect(murmur2(bytes, bytes.length)).toBe(hash)
    }
  })

  it('is what kafkajs’s default partitioner says, for any text and number of partitions', () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 300 })
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 64 }), (identifier, partitions) => {
        expect(partitionOf(identifier, partitions)).toBe(kafkajsPartition(identifier, partitions))
      }),
      { numRuns: 2000 },
    )
  })

  it('is the same for a key in bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), (key) => {
        expect(partitionOfKey(key, 16)).toBe(kafkajsPartition(Buffer.from(key), 16))
      }),
    )
  })

  it('remembers nothing of a longer identifier that was asked before', () => {
    const short = partitionOf('é', 16)
    partitionOf('😀'.repeat(128), 16)
    expect(partitionOf('é', 16)).toBe(short)
  })
})
