import { expect, test } from 'vitest'
import { startFetching } from '../../../../src/kafka/fetcher.ts'
import type { Brokers } from '../../../../src/kafka/leader.ts'
import type { PartitionQueue } from '../../../../src/log/partition-queue.ts'

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
