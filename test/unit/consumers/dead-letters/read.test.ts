import { expect, test } from 'vitest'
import { readLetters } from '../../../../consumers/dead-letters/read.ts'
import { deadLetterTopic } from '../../../../consumers/dead-letters/write.ts'
import { REJECT_REASONS } from '../../../../consumers/events/reject-reasons.ts'
import { topicSpecs } from '../../../../consumers/ports/topic-spec.ts'
import type { DeadLetter } from '../../../../projections/sequence/incoming-record.ts'
import { memoryLog } from '../../../../src/memory/log.ts'
import { publisher } from '../../../support/school.ts'

const TOPIC = 'events'

test('a letter that died again, replayed or after a crash, is one letter, for the reason of its last death', async () => {
  const log = memoryLog()
  await log.ensureTopics(topicSpecs(TOPIC, 1))
  const school = publisher(TOPIC, 1)
  await log.append([school.enrolled('S-1'), school.assessed('S-1', 5)])
  const letter = (offset: number, reason: DeadLetter['reason'], detail: string): DeadLetter => ({
    place: { partition: 0, offset },
    reason,
    detail,
    where: '',
  })
  const letters = deadLetterTopic(log, TOPIC)
  await letters.write([letter(0, 'conflict', 'number_taken'), letter(1, 'poison', 'not_active')], new Map(), 0)
  await letters.write([letter(0, 'poison', 'transferred_away')], new Map(), 0)
  const listed = await readLetters(log, TOPIC, [0])
  expect(listed.map(({ offset, reason, detail }) => [offset, reason, detail])).toEqual([
    [1, 'poison', `not_active: ${REJECT_REASONS.not_active}`],
    [0, 'poison', `transferred_away: ${REJECT_REASONS.transferred_away}`],
  ])
})
