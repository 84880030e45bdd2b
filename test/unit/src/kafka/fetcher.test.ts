import { expect, test } from 'vitest'
import type { BrokerConnections } from '../../../../src/kafka/broker-connections.ts'
import { startFetching } from '../../../../src/kafka/fetcher.ts'
import type { PartitionQueue } from '../../../../src/log/partition-queue.ts'

/** A lane that has no wish at the moment. */
const quietLane = (partition: number): PartitionQueue => ({
  partition,
  ask: () => 'later',
  fetched: () => {},
  outOfRange: () => {},
  unreadable: () => {},
  recheck: () => {},
  hold: async () => {},
  resume: () => {},
  close: async () => {},
})

test('while one partition has no leader and another got a new one, nothing turns in place', async () => {
  const leaderOf = new Map([
    [0, 1],
    [1, 1],
  ])
  let asked = 0
  const link = {
    topic: async () => ({
      topicId: 'id',
      brokers: [1, 2].map((nodeId) => ({ nodeId, host: 'localhost', port: nodeId })),
      partitions: [0, 1, 2].map((partition) => ({ partition, leader: leaderOf.get(partition) ?? -1, epoch: 0 })),
    }),
    stale: () => {},
    run: async (_what: string, _deadlineMs: number, work: () => Promise<unknown>) => {
      asked += 1
      // So that a loop in place ends the test instead of hanging it.
      if (asked > 10_000) throw new Error('turned in place')
      return work()
    },
  } as unknown as BrokerConnections
  const ending = new AbortController()
  const lanes = [0, 1, 2].map(quietLane)
  const fetcher = startFetching({
    link,
    topic: 'events',
    lanes: () => lanes,
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
