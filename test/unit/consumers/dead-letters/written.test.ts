import { expect, test } from 'vitest'
import { deadLetterTopic } from '../../../../consumers/dead-letters/write.ts'
import { dlqName, topicSpecs } from '../../../../consumers/ports/topic-spec.ts'
import type { DeadLetter } from '../../../../projections/sequence/incoming-record.ts'
import { memoryLog } from '../../../../src/memory/log.ts'
import { publisher } from '../../../support/school.ts'

const TOPIC = 'events'

test('a letter that may have been written before is written once, and again only where it died of something else', async () => {
  const log = memoryLog()
  await log.ensureTopics(topicSpecs(TOPIC, 1))
  const school = publisher(TOPIC, 1)
  await log.append([school.enrolled('S-1'), school.assessed('S-1', 5)])
  const letter = (detail: string, offset = 0): DeadLetter => ({
    place: { partition: 0, offset },
    reason: 'poison',
    detail,
    where: '',
  })
  const written = async () => (await log.endOffsets(dlqName(TOPIC), [0])).get(0)
  await deadLetterTopic(log, TOPIC).write([letter('not_active')], new Map(), 0)

  const later = deadLetterTopic(log, TOPIC)
  await later.write([letter('not_active')], new Map(), 2)
  expect(await written()).toBe(1)
  await later.write([letter('transferred_away'), letter('not_active', 1)], new Map(), 2)
  expect(await written()).toBe(3)
  await later.write([letter('transferred_away'), letter('not_active', 1)], new Map(), 2)
  expect(await written()).toBe(3)

  log.recreate(TOPIC)
  await log.append([school.enrolled('S-2'), school.assessed('S-2', 5)])
  await later.write([letter('not_active')], new Map(), 2)
  expect(await written()).toBe(4)
})

test('a partition whose written letters take long to read holds up no other', async () => {
  const log = memoryLog()
  await log.ensureTopics(topicSpecs(TOPIC, 2))
  const record = (partition: number) => ({
    topic: TOPIC,
    partition,
    key: null,
    value: Buffer.from('{'),
    headers: [],
  })
  await log.append([record(0), record(1)])
  const hanging = Promise.withResolvers<never>()
  const slow: typeof log = {
    ...log,
    ends: (topic, partitions) =>
      topic === dlqName(TOPIC) && partitions.includes(0) ? hanging.promise : log.ends(topic, partitions),
  }
  const letters = deadLetterTopic(slow, TOPIC)
  const letter = (partition: number): DeadLetter => ({
    place: { partition, offset: 0 },
    reason: 'poison',
    detail: 'invalid_json',
    where: '',
  })
  const first = letters.write([letter(0)], new Map(), 1)
  const failed = first.catch((error: Error) => error.message)
  await letters.write([letter(1)], new Map(), 1)
  expect((await log.endOffsets(dlqName(TOPIC), [1])).get(1)).toBe(1)
  hanging.reject(new Error('the log is away'))
  expect(await failed).toBe('the log is away')
})
