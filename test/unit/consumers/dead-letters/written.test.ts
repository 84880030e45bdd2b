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
