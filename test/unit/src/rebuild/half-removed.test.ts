import { expect, test } from 'vitest'
import { deadLetterTopic } from '../../../../consumers/dead-letters/write.ts'
import { partitionOf } from '../../../../consumers/ports/partition.ts'
import { topicSpecs } from '../../../../consumers/ports/topic-spec.ts'
import { newMetadata, signatureOf } from '../../../../consumers/stored/checkpoint-metadata.ts'
import { checkpointWrite } from '../../../../consumers/stored/checkpoint-view.ts'
import { calendarOf } from '../../../../projections/values/calendar.ts'
import { memoryLog } from '../../../../src/memory/log.ts'
import { memoryStore } from '../../../../src/memory/store.ts'
import { silentObserver } from '../../../../src/rebuild/observer.ts'
import { rebuild } from '../../../../src/rebuild/rebuild.ts'
import { publisher } from '../../../support/school.ts'
import { records } from '../../../support/store-fixtures.ts'

const TOPIC = 'events'
const PARTITIONS = 2
const POLICY = { balance_basis: 'outstanding', paid_instalments: 'zero' } as const
const SIGNATURE = signatureOf(POLICY, 'Asia/Kolkata', TOPIC, PARTITIONS)

test('a generation that somebody died over while removing it is removed, and another one is built', async () => {
  const [log, store] = [memoryLog(), memoryStore(PARTITIONS)]
  await log.ensureTopics(topicSpecs(TOPIC, PARTITIONS))
  const school = publisher(TOPIC, PARTITIONS)
  await log.append([school.enrolled('S-1'), school.assessed('S-1', 100)])
  const half = await store.admin.beginBuild()
  const { identity } = (await log.ends(TOPIC, [0])).get(0)!
  for (const partition of [0, 1]) {
    const place = { generation: half, next: 0, metadata: newMetadata(SIGNATURE, identity) }
    await store.writer.apply({ ...checkpointWrite(place, partition, null), records: records({ 'S-9': 'x' }) })
  }
  const dying = () => Promise.reject(new Error('killed'))
  await expect(store.admin.removeGeneration(half, dying)).rejects.toThrow('killed')

  const outcome = await rebuild(
    {
      log,
      store: store.writer,
      admin: store.admin,
      deadLetters: deadLetterTopic(log, TOPIC),
      topic: TOPIC,
      partitions: PARTITIONS,
      signature: SIGNATURE,
      rendering: { policy: POLICY, calendar: calendarOf('Asia/Kolkata') },
      partitionOf: (identifier) => partitionOf(identifier, PARTITIONS),
      observer: silentObserver,
      clock: Date.now,
      now: () => performance.now(),
      pace: {
        recordsAtOnce: () => 100,
        paced: (_records, work) => work(),
        hurry: () => {},
        measure: async () => {},
        restedMs: () => 0,
        close: async () => {},
      },
      random: Math.random,
      sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
      onProgress: () => {},
      helpers: [],
      onPhase: () => {},
    },
    { sample: 10, acceptDifferences: false },
    new AbortController().signal,
  )
  expect(outcome).toMatchObject({ kind: 'switched', generation: half + 1 })
  expect(await store.reader.student(partitionOf('S-1' as never, PARTITIONS), 'S-1' as never)).toMatchObject({
    generation: half + 1,
    record: expect.anything(),
  })
}, 20_000)
