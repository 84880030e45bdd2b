import { expect, test } from 'vitest'
import type { TopicMetadata } from '../../../../src/kafka/protocol/metadata.ts'
import { topicKnowledge } from '../../../../src/kafka/topic-view.ts'

const brokers = [1, 2, 3].map((nodeId) => ({ nodeId, host: 'localhost', port: 9000 + nodeId }))

/** What a broker tells: the leader and epoch of each partition. */
const told = (leaders: readonly (readonly [leader: number, epoch: number])[], topicId = 'one'): TopicMetadata => ({
  brokers,
  controllerId: 1,
  code: 0,
  topicId,
  partitions: leaders.map(([leader, epoch], partition) => ({ partition, leader, epoch, replicas: 3 })),
})

const claim = { nodeId: 1, topicId: 'one', partition: 0, epoch: 4 }

test('a leader is believed that another broker has told of lately', () => {
  const knowledge = topicKnowledge()
  knowledge.take(2, 1000, told([[1, 4]]))
  expect(knowledge.confirms(claim, 1000, true)).toBe(true)
  expect(knowledge.confirms(claim, 1001, true)).toBe(false)
})

test('a leader’s own word is not enough where there is another broker, and is where there is none', () => {
  const knowledge = topicKnowledge()
  knowledge.take(1, 1000, told([[1, 4]]))
  expect(knowledge.confirms(claim, 0, true)).toBe(false)
  expect(knowledge.confirms(claim, 0, false)).toBe(true)
})

test('a leader that was replaced is never believed again, whoever tells of it later', () => {
  const knowledge = topicKnowledge()
  knowledge.take(2, 1000, told([[3, 5]]))
  knowledge.take(3, 2000, told([[1, 4]]))
  expect(knowledge.confirms(claim, 0, true)).toBe(false)
  expect(knowledge.confirms(claim, 0, false)).toBe(false)
  expect(knowledge.view()?.leaders.get(0)).toMatchObject({ epoch: 5, address: { nodeId: 3 } })
})

test('a broker that has not heard of an election yet vouches for who has won it', () => {
  const knowledge = topicKnowledge()
  knowledge.take(2, 1000, told([[3, 3]]))
  expect(knowledge.confirms(claim, 1000, true)).toBe(true)
})

test('a broker that learns late of an election vouches for the old leader, until one tells of the new leader', () => {
  const knowledge = topicKnowledge()
  knowledge.take(2, 1000, told([[1, 4]]))
  expect(knowledge.confirms(claim, 1000, true)).toBe(true)
  knowledge.take(3, 1100, told([[3, 5]]))
  knowledge.take(2, 1200, told([[1, 4]]))
  expect(knowledge.confirms(claim, 1000, true)).toBe(false)
})

test('who tells of another topic under this name vouches for nothing', () => {
  const knowledge = topicKnowledge()
  knowledge.take(2, 1000, told([[1, 4]]))
  knowledge.take(3, 1001, told([[1, 0]], 'two'))
  expect(knowledge.confirms(claim, 0, true)).toBe(false)
  expect(knowledge.view()?.topicId).toBe('two')
})

test('partitions that one broker knows of count, though another does not know of them yet', () => {
  const knowledge = topicKnowledge()
  knowledge.take(
    2,
    1000,
    told([
      [1, 0],
      [2, 0],
      [3, 0],
    ]),
  )
  knowledge.take(3, 1001, told([[1, 0]]))
  expect(knowledge.view()?.count).toBe(3)
})

test('partitions share a domain by their leader, and those without one share theirs', () => {
  const knowledge = topicKnowledge()
  const leaders = [
    [2, 0],
    [1, 0],
    [-1, 1],
    [2, 0],
  ] as const
  knowledge.take(2, 1000, told(leaders))
  expect(knowledge.view()?.domains).toEqual([[1], [0, 3], [2]])
  expect(knowledge.view()?.leaders.has(2)).toBe(false)
})

test('the view is the same object until something changes', () => {
  const knowledge = topicKnowledge()
  knowledge.take(2, 1000, told([[1, 0]]))
  const before = knowledge.view()
  knowledge.take(3, 2000, told([[1, 0]]))
  expect(knowledge.view()).toBe(before)
  knowledge.take(3, 3000, told([[2, 1]]))
  expect(knowledge.view()).not.toBe(before)
})

test('a topic that a broker does not know is gone, unless another has told of it at the same time', () => {
  const knowledge = topicKnowledge()
  knowledge.take(2, 1000, told([[1, 0]]))
  knowledge.take(3, 1000, { ...told([]), code: 3 })
  expect(knowledge.view()).not.toBeNull()
  knowledge.take(3, 2000, { ...told([]), code: 3 })
  expect(knowledge.view()).toBeNull()
})
