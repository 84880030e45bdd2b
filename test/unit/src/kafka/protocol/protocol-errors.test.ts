import { expect, test } from 'vitest'
import { CODE, PartitionMoved } from '../../../../../src/kafka/protocol/protocol-errors.ts'

test.each([
  [CODE.unknownTopicOrPartition, 'does not exist: "npx pullgate topics" creates the topics (Kafka error 3)'],
  [CODE.leaderNotAvailable, 'has no leader: start the brokers that keep it (Kafka error 5)'],
  [CODE.notEnoughReplicas, 'has fewer brokers in sync than min.insync.replicas: start the others (Kafka error 19)'],
  [CODE.storageError, 'cannot be used on the disk of its broker: look at the log of the broker (Kafka error 56)'],
  [1234, 'cannot be used now (Kafka error 1234)'],
])('error %i of Kafka names cause and mending', (code, words) => {
  expect(new PartitionMoved('erp.student-events', code).message).toBe(`a partition of erp.student-events ${words}`)
})
