import { expect, test } from 'vitest'
import { startFetching } from '../../../../src/kafka/fetcher.ts'
import type { Brokers } from '../../../../src/kafka/leader.ts'
import type { PartitionQueue } from '../../../../src/log/partition-queue.ts'
import { until } from '../../../support/until.ts'

/** A lane that has no wish at the moment. */
const quietQueue = (partition: number): PartitionQueue => ({
  partition,
  ask: () => 'later',
  fetched: () => {},
  outOfRange: () => {},
  unreadable: () => {},
  recheck: () => {},
  suspend: async () => {},
  resume: () => {},
  close: async () => {},
})

test('while one partition has no leader and another got a new one, nothing turns in place', async () => {
  const leaderOf = new Map([
    [0, 1],
    [1, 1],
  ])
  let asked = 0
  const cluster = {
    topic: async () => {
      asked += 1
      // So that a loop in place ends the test instead of hanging it.
      if (asked > 10_000) throw new Error('turned in place')
      const leaders = [...leaderOf].map(([partition, nodeId]) => {
        return [partition, { address: { nodeId, host: 'localhost', port: nodeId }, epoch: 0 }] as const
      })
      return { topicId: 'id', count: 3, leaders: new Map(leaders), domains: [] }
    },
    doubt: () => {},
  }
  const brokers = { cluster, connections: {} } as unknown as Brokers
  const ending = new AbortController()
  const queues = [0, 1, 2].map(quietQueue)
  const fetcher = startFetching({
    brokers,
    topic: 'events',
    queues: () => queues,
    sign: () => {},
    logger: { debug: () => {}, info: () => {}, warn: () => {} },
    signal: ending.signal,
  })
  await new Promise((resolve) => setTimeout(resolve, 20))
  leaderOf.set(1, 2)
  fetcher.wake()
  await new Promise((resolve) => setTimeout(resolve, 20))
  ending.abort()
  expect(asked).toBeLessThan(100)
})

test('a batch that cannot be read is told of with its place, why, and where to look', async () => {
  const address = { nodeId: 1, host: 'localhost', port: 9092 }
  const leaders = new Map([[3, { address, epoch: 0 }]])
  const view = { topicId: 'AAAAAAAAAAAAAAAAAAAAAQ', count: 4, replicas: 1, leaders, domains: [] }
  const batches = Buffer.alloc(100)
  batches.writeInt32BE(88, 8)
  const brokers = {
    cluster: { topic: async () => view, doubt: () => {} },
    connections: { ask: async () => [{ partition: 3, code: 0, end: 43, aborted: [], batches }] },
  } as unknown as Brokers
  const ending = new AbortController()
  const warned: unknown[][] = []
  let standsBack = 0
  const queue: PartitionQueue = {
    ...quietQueue(3),
    ask: () => (standsBack === 0 ? { offset: 42, epoch: 7 } : 'never'),
    unreadable: (epoch) => {
      standsBack = epoch
    },
  }
  startFetching({
    brokers,
    topic: 'events',
    queues: () => [queue],
    sign: () => {},
    logger: { debug: () => {}, info: () => {}, warn: (...said: unknown[]) => void warned.push(said) },
    signal: ending.signal,
  })
  await until('the batch to be told of', () => standsBack === 7)
  ending.abort()
  expect(warned).toEqual([
    [
      { topic: 'events', partition: 3, offset: 42 },
      'the batch at 42 cannot be read (record format 0 is not supported, only 2); "npx pullgate doctor" says what mends it',
    ],
  ])
})
